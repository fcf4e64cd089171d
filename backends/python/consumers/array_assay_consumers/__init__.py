"""Traces what consumers of the array API call, and runs them on real libraries.

A *consumer* is a library, such as scikit-learn, that computes with the arrays of whichever library its user hands in. A
*workload* is one use of a consumer on made-up data (`workload`, `workloads/`). `tracing` runs a workload on
array-api-strict and records each call as a line of a program (`recorder`, `patches`, `helpers`). `profiles` writes the
programs as YAML. `truth` runs a workload on a real library, and `freedoms` on a namespace that takes a freedom of the
standard.
"""
