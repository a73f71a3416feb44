"""What is promised about speed, measured side by side with its reference in the same run.

``scripts/bench [name …]`` runs all or some. Figures are ratios; rates hold for this machine only.
Nothing here is a test: a slow machine is no error.
"""
