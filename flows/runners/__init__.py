"""Work that is dealt out by language: to processes of this machine, or by Prefect to Dask or Ray."""
