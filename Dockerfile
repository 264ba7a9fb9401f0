# docker build -t entropy-enigma .
# docker run --rm -p 127.0.0.1:8501:8501 -v enigma:/data entropy-enigma
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 enigma && install -d -o enigma /data
COPY . /source
RUN pip install --no-cache-dir "/source[video,sign-in]" && rm -rf /source

USER enigma
WORKDIR /home/enigma
ENV ENIGMA_HOME=/data
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=30s \
  CMD python -c "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health')"
# All addresses inside the container: `docker run -p 127.0.0.1:8501:8501` decides who reaches it.
CMD ["enigma", "app", "--address", "0.0.0.0", "--no-browser"]
