"""Layers 6 and 7: a real Kubernetes control plane on this machine, whose nodes and pods are simulated."""
