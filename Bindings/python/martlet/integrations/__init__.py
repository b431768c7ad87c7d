"""Classes of other packages over Martlet, each in a module of its own, which imports its package."""
