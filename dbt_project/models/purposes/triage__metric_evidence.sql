-- Grain: that of metric_evidence. Written by `make generated` from vars.purposes.
{{ config(schema='triage', alias='metric_evidence') }}
{{ purpose_metric_evidence('triage') }}
