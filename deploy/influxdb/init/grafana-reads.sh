#!/bin/sh
# Runs once, when InfluxDB sets itself up: lets Grafana read the bucket and do
# nothing else. Grafana shows itself with "Token grafana:" and the token.
set -eu
influx v1 auth create --org "$DOCKER_INFLUXDB_INIT_ORG" --username grafana --password "$GRAFANA_INFLUX_TOKEN" \
  --read-bucket "$DOCKER_INFLUXDB_INIT_BUCKET_ID" >/dev/null
