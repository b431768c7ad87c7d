"""Weights for tiny models."""
import torch


def randomise(model, g, spread=1.2, kind=torch.float16):
    """Large weights: attention is sharp and activations reach the bends, so that a wrong kernel cannot hide. They are exact in `kind`."""
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=g)
        norm = p.ndim == 1 and name.endswith('weight')
        p.data = (1 if norm else 0) + noise * 0.2 if p.ndim == 1 else noise * (0.5 if 'embed' in name else spread / p.shape[-1] ** 0.5)
        p.data = p.data.to(kind).float()
    return model.eval()
