#!/usr/bin/env python3
"""Makes Tests/MartletWeightsTests/Goldens/quantised: matrices that are stored as codes and scales, one safetensors file a form with the
member of config.json that says so, and the floats that they stand for. usage: quantised-goldens.py [OUT]

Forms of MLX are written and read back by mlx itself; the others follow their published definitions: DeepSeek's and compressed-tensors' floats
of 8 bits, compressed-tensors' integers, NVFP4 as modelopt and compressed-tensors store it, and MXFP4 (OCP Microscaling 1.0), GPTQ as AutoGPTQ
and GPTQModel pack it (word_forms.py), and AWQ's GEMM form, whose floats are those of AutoAWQ's own code. Needs numpy, torch, safetensors, mlx and
`pip install --no-deps --no-build-isolation autoawq`.
"""
import importlib.util
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import mlx.core as mx
import numpy as np
import torch
from safetensors.torch import save_file

import word_forms

OUT = Path(sys.argv[1] if sys.argv[1:] else "Tests/MartletWeightsTests/Goldens/quantised")
ROWS, COLUMNS = 6, 192
E4M3, E5M2 = torch.float8_e4m3fn, torch.float8_e5m2
FP4 = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])


def matrix(seed):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((ROWS, COLUMNS)).astype(np.float32))


def codes(w, scale, dtype=E4M3):
    return (w / scale).to(dtype)


def write(name, tensors, values, config):
    save_file({f"layer.{k}": v.contiguous() for k, v in tensors.items()}, OUT / f"{name}.safetensors")
    (OUT / f"{name}.f32").write_bytes(values.float().contiguous().numpy().tobytes())
    (OUT / f"{name}.json").write_text(json.dumps(config) + "\n")


def pack4(c):
    return (c[:, 0::2] | c[:, 1::2] << 4).to(torch.uint8)


def floats8():
    w = matrix(1)
    scale = w.abs().max() / 448
    q = codes(w, scale)
    write("fp8-tensor", {"weight": q, "weight_scale": scale, "input_scale": torch.tensor(0.5)}, q.float() * scale,
          {"quantization_config": {"quant_method": "compressed-tensors", "format": "float-quantized"}})
    scale = (w.abs().amax(1, keepdim=True) / 448).bfloat16()
    q = codes(w, scale.float())
    write("fp8-channel", {"weight": q, "weight_scale": scale}, q.float() * scale.float(),
          {"quantization_config": {"quant_method": "compressed-tensors", "format": "float-quantized"}})
    blocks = torch.rand(2, 3) * 0.01 + 0.001
    wide = blocks.repeat_interleave(4, 0)[:ROWS].repeat_interleave(80, 1)[:, :COLUMNS]
    q = codes(w, wide, E5M2)
    write("fp8-block", {"weight": q, "weight_scale_inv": blocks}, q.float() * wide,
          {"quantization_config": {"quant_method": "fp8", "weight_block_size": [4, 80], "activation_scheme": "dynamic"}})


def integers():
    w = matrix(2)
    scale = w.abs().amax(1, keepdim=True) / 127
    q = (w / scale).round().to(torch.int8)
    write("int8-channel", {"weight": q, "weight_scale": scale}, q.float() * scale,
          {"quantization_config": {"quant_method": "compressed-tensors", "format": "int-quantized"}})
    groups = w.view(ROWS, -1, 32)
    scale = (groups.abs().amax(2) / 7).half()
    q = (groups / scale[..., None].float()).round().clamp(-8, 7).to(torch.int32).view(ROWS, COLUMNS)
    unsigned = (q + 8).view(ROWS, -1, 8)
    packed = sum(unsigned[..., i].long() << 4 * i for i in range(8))
    packed = torch.where(packed >= 1 << 31, packed - (1 << 32), packed).to(torch.int32)
    write("int4-packed", {"weight_packed": packed, "weight_scale": scale, "weight_shape": torch.tensor([ROWS, COLUMNS])},
          (q.view(ROWS, -1, 32).float() * scale[..., None].float()).view(ROWS, COLUMNS),
          {"quantization_config": {"quant_method": "compressed-tensors", "format": "pack-quantized"}})


def floats4():
    g = torch.Generator().manual_seed(3)
    c = torch.randint(0, 16, (ROWS, COLUMNS), generator=g)
    scale = (torch.rand(ROWS, COLUMNS // 16, generator=g) * 20 + 0.1).to(E4M3)
    wide = scale.float().repeat_interleave(16, 1)
    second = torch.tensor(0.0123)
    write("nvfp4-modelopt", {"weight": pack4(c), "weight_scale": scale, "weight_scale_2": second, "input_scale": torch.tensor(0.1)},
          FP4[c] * wide * second, {"quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4"}})
    divisor = torch.tensor([321.0])
    write("nvfp4-packed", {"weight_packed": pack4(c), "weight_scale": scale, "weight_global_scale": divisor,
                           "input_global_scale": torch.tensor([7.0])}, FP4[c] * (wide * (1 / divisor)),
          {"quantization_config": {"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}})
    exponents = torch.randint(110, 135, (ROWS, COLUMNS // 32), generator=g).to(torch.uint8)
    powers = torch.pow(2.0, exponents.float() - 127).repeat_interleave(32, 1)
    write("mxfp4-packed", {"weight_packed": pack4(c), "weight_scale": exponents}, FP4[c] * powers,
          {"quantization_config": {"quant_method": "compressed-tensors", "format": "mxfp4-pack-quantized"}})


def mlx():
    w = mx.array(matrix(4).numpy()).astype(mx.bfloat16)
    forms = [("affine", bits, 64) for bits in (2, 3, 4, 5, 6, 8)] + [("affine", 4, 32), ("mxfp4", 4, 32), ("mxfp8", 8, 32), ("nvfp4", 4, 16)]
    for mode, bits, size in forms:
        parts = mx.quantize(w, group_size=size, bits=bits, mode=mode)
        values = mx.dequantize(*(p.astype(mx.float32) if p.dtype == mx.bfloat16 else p for p in parts), group_size=size, bits=bits, mode=mode)
        names = ("weight", "scales", "biases")
        tensors = {n: torch.from_numpy(np.array(p.astype(mx.float32) if p.dtype == mx.bfloat16 else p)) for n, p in zip(names, parts)}
        tensors = {n: t.bfloat16() if t.dtype == torch.float32 else t for n, t in tensors.items()}
        config = {"group_size": size, "bits": bits} | ({} if mode == "affine" else {"mode": mode})
        write(f"mlx-{mode}-{bits}-{size}", tensors, torch.from_numpy(np.array(values.astype(mx.float32))),
              {"quantization": config, "quantization_config": config})


def autoawq():
    """The module of AutoAWQ that unpacks, without the rest of the package."""
    place = next(iter(importlib.util.find_spec("awq").submodule_search_locations))
    spec = importlib.util.spec_from_file_location("packing_utils", f"{place}/utils/packing_utils.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words():
    w = torch.from_numpy(np.random.default_rng(6).standard_normal((32, 96)).astype(np.float32))
    forms = {"gptq-2-v2": (2, 16, "gptq_v2", False), "gptq-3": (3, 32, "gptq", False), "gptq-4": (4, 32, "gptq", False),
             "gptq-4-reordered": (4, 16, "gptq", True), "gptq-8": (8, -1, "gptq", False)}
    for name, (bits, size, form, reordered) in forms.items():
        parts, values = word_forms.gptq(w, bits, size, form, reordered)
        config = {"quant_method": "gptq", "bits": bits, "group_size": size, "desc_act": reordered, "sym": False, "checkpoint_format": form}
        write(name, parts, values, {"quantization_config": config})
    parts, values = word_forms.gptq(w, 4, 32, "gptq", False)
    parts.pop("g_idx")
    write("gptq-4-plain", parts, values, {"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 32}})
    parts, values = word_forms.awq(w, 32)
    theirs = autoawq().dequantize_gemm(parts["qweight"], parts["qzeros"], parts["scales"].float(), 4, 32).T
    assert torch.equal(values, theirs)
    write("awq-4", parts, theirs, {"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 32, "zero_point": True, "version": "gemm"}})


OUT.mkdir(parents=True, exist_ok=True)
torch.manual_seed(5)
floats8()
integers()
floats4()
mlx()
words()
