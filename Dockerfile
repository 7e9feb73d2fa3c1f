# docker build -t morph .
# docker run --init -p 127.0.0.1:8501:8501 -v morph:/data morph
# TORCH_INDEX, the address of PyTorch's index of CPU builds, makes the image gigabytes smaller.
FROM python:3.12-slim
ARG TORCH_INDEX=""
WORKDIR /app
COPY requirements.txt .
RUN if [ -n "$TORCH_INDEX" ]; then \
      pip install --no-cache-dir --index-url "$TORCH_INDEX" "torch>=2.13,<2.14"; \
    fi \
 && pip install --no-cache-dir -r requirements.txt
COPY . .
RUN useradd --create-home morph && mkdir /data && chown morph /data
USER morph
ENV MORPH_STORE=/data/morph.sqlite PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD \
  python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"
# Only inside a container does it listen on all interfaces: what reaches it is decided by -p.
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.headless=true"]
