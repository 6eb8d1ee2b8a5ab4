# FaceGPT's server. CPU:  docker build -t facegpt .
# GPU:  docker build -t facegpt:gpu --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu126 .
FROM python:3.12-slim AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
RUN pip install --no-cache-dir "torch>=2.5,<2.14" --index-url $TORCH_INDEX
COPY pyproject.toml README.md LICENSE NOTICE /src/
COPY src /src/src
RUN pip install --no-cache-dir "/src[serve,video,usd,heic]"

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 facegpt && mkdir -p /data && chown facegpt /data
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH FACEGPT_HOME=/data/cache NUMBA_CACHE_DIR=/data/cache/numba PYTHONUNBUFFERED=1
USER facegpt
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/health', timeout=4)"
ENTRYPOINT ["facegpt", "serve", "--host", "0.0.0.0", "--port", "8000", "--data", "/data/store"]
