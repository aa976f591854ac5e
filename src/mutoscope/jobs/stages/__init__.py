"""The stages of a job, a file each; `table` says which follows which."""
