"""Wavelet scattering of frames: fixed features, nothing trained."""
