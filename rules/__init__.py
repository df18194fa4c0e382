"""Pure decisions: data and parameters in, data out; no Prefect, no files, no clock."""
