# docker build -t morph .
# docker run --init --read-only --tmpfs /tmp --cap-drop ALL --stop-timeout 60 \
#   -p 8501:8501 -v morph:/data morph
# Two build arguments: PYTHON_DIGEST=@sha256:... takes exactly these bytes of the base image;
# TORCH_INDEX=..., the address of PyTorch's index of CPU builds, makes the image gigabytes smaller.
ARG PYTHON_DIGEST=""
FROM python:3.12.13-slim-trixie${PYTHON_DIGEST}
ARG TORCH_INDEX=""
WORKDIR /app
COPY requirements.lock .
# A CPU build of torch has other bytes than the lock's, and needs none of the libraries for GPUs: it
# comes by its version alone, from the index that is given; all else by its hash.
RUN set -e; \
    cp requirements.lock /tmp/install.lock; \
    if [ -n "$TORCH_INDEX" ]; then \
      torch=$(sed -n 's/^\(torch==[^ ;]*\).*/\1/p' requirements.lock); \
      pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX" "$torch"; \
      awk '/^[a-z]/ { gpu = /^(torch|triton|cuda-|nvidia-)[^ ]*==/ } !gpu' \
        requirements.lock > /tmp/install.lock; \
    fi; \
    pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: \
      -r /tmp/install.lock; \
    rm /tmp/install.lock
COPY . .
RUN python -m compileall -q /app
RUN useradd --create-home --uid 1000 morph && mkdir /data && chown morph /data
USER morph
ENV MORPH_STORE=/data/morph.sqlite PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8501
# Whether it answers at all: HTTP, HTTPS and a path before it are settings of the server.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", \
  "import socket; socket.create_connection(('127.0.0.1', 8501), timeout=4)"]
# It listens at every address of the container, and therefore asks for a token: docker logs has it.
CMD ["python", "-m", "jobs.container", "--server.address=0.0.0.0", "--server.headless=true"]
