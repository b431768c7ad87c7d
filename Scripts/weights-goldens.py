#!/usr/bin/env python3
"""Makes Tests/MartletWeightsTests/Goldens: tiny weight files as the gguf and safetensors packages write them, and the floats
that those packages read back. Needs numpy, gguf, safetensors and torch (Scripts/requirements.txt). Run it from the root of the repository."""
import json
import struct
from pathlib import Path

import gguf
import numpy as np
import safetensors.numpy
import torch
from gguf import GGMLQuantizationType as Type

OUT = Path("Tests/MartletWeightsTests/Goldens")
BLOCK_TYPES = [Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1]
TYPES = [Type.F32, Type.F16, Type.BF16] + BLOCK_TYPES
# Formats that are only read, and where the scales of a block lie: halves, but for Q8_K.
READ_ONLY = {Type.Q2_K: [80, 82], Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208], Type.Q8_K: [0],
             Type.IQ4_NL: [0], Type.IQ4_XS: [0], Type.IQ1_S: [0], Type.IQ1_M: [], Type.IQ2_XXS: [0], Type.IQ2_XS: [0], Type.IQ2_S: [0],
             Type.IQ3_XXS: [0], Type.IQ3_S: [0], Type.TQ1_0: [52], Type.TQ2_0: [64], Type.MXFP4: [], Type.NVFP4: []}


def values() -> np.ndarray:
    """12 rows of 64: normal values at several scales, zeros, constants, ties, one sign only, a lone peak."""
    rng = np.random.default_rng(20240607)
    x = rng.standard_normal((12, 64)).astype(np.float32)
    x[1] *= np.float32(1e-3)
    x[2] *= np.float32(1000)
    x[3] = 0
    x[4, :32] = 1
    x[4, 32:] = -0.5
    x[5] = np.arange(-32, 32)
    x[6] = np.abs(x[6])
    x[7] = -np.abs(x[7])
    x[8, 3] = 127
    x[9] = np.round(x[9] * 127) / 2
    x[10] *= np.float32(1e-7)
    x[11, :32] = np.linspace(-1, 1, 32, dtype=np.float32)
    return x


def stored(x: np.ndarray, kind: Type) -> np.ndarray:
    with np.errstate(all="ignore"):
        return gguf.quants.quantize(x, kind)


def random_blocks(kind: Type) -> np.ndarray:
    """768 elements of random bits in every field, with finite scales: a normal one, a negative one, a subnormal one."""
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    rng = np.random.default_rng(int(kind))
    blocks = rng.integers(0, 256, (768 // elements, size), dtype=np.uint8)
    # The smallest and the largest of every field.
    blocks[-1, : size // 2] = 0
    blocks[-1, size // 2 :] = 255
    if kind == Type.IQ1_M:
        # The upper bits of the four scales are a half: a finite one.
        blocks[:, [49, 51, 53]] &= 0x7f
        blocks[:, 55] = blocks[:, 55] & 0x0f | 0x20
    if kind == Type.NVFP4:
        blocks[:, :4] &= 0x7f
    for row, block in enumerate(blocks):
        for place in READ_ONLY[kind]:
            scale = [rng.uniform(1e-3, 1e-1), -rng.uniform(1, 30), 3e-6][row % 3]
            if kind == Type.Q8_K:
                block[place : place + 4] = np.frombuffer(np.float32(scale).tobytes(), np.uint8)
            else:
                block[place : place + 2] = np.frombuffer(np.float16(scale).tobytes(), np.uint8)
    width = max(elements, 64)
    return blocks.reshape(768 // width, width // elements * size)


def dequantized(data: np.ndarray, kind: Type) -> np.ndarray:
    """The package has no reader for Q8_K: f32 d, i8 q[256], i16 sums[16]."""
    if kind != Type.Q8_K:
        return gguf.quants.dequantize(data, kind)
    blocks = data.reshape(-1, 292)
    return blocks[:, :4].copy().view(np.float32) * blocks[:, 4:260].view(np.int8).astype(np.float32)


def small(name: str) -> tuple[np.ndarray, np.ndarray]:
    """768 elements of a type that GGML does not have, or that its package does not read, and their values by the type's definition."""
    rng = np.random.default_rng(len(name))
    codes = np.resize(np.arange(256, dtype=np.uint8), 768)
    if name == "f64":
        x = np.concatenate([rng.standard_normal(760) * 10.0 ** rng.integers(-40, 38, 760), [0, -0.0, 1e39, -1e-46, 3e-39, 1, np.pi, 1e-300]])
        with np.errstate(all="ignore"):
            return x.view(np.uint8), x.astype(np.float32)
    if name == "i8":
        return codes, codes.view(np.int8).astype(np.float32)
    if name == "e8m0":
        return codes, np.where(codes == 255, np.nan, np.ldexp(1.0, codes.astype(np.int32) - 127)).astype(np.float32)
    if name == "f4_e2m1":
        halves = np.stack([codes[:384] & 15, codes[:384] >> 4], axis=1).reshape(-1)
        values = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], dtype=np.float32)
        return codes[:384], np.where(halves & 8, -values[halves & 7], values[halves & 7]) + np.float32(0)
    # Not NaN, whose bits differ from library to library.
    codes = np.where((codes & 0x7f) > (0x7e if name == "f8_e4m3" else 0x7c), 0, codes).astype(np.uint8)
    kind = {"f8_e4m3": torch.float8_e4m3fn, "f8_e5m2": torch.float8_e5m2}[name]
    return codes, torch.from_numpy(codes.copy()).view(kind).float().numpy()


def write_gguf(path: Path, x: np.ndarray, with_unreadable: bool) -> None:
    w = gguf.GGUFWriter(path, "bert")
    w.add_uint8("test.uint8", 200)
    w.add_int8("test.int8", -100)
    w.add_uint16("test.uint16", 60000)
    w.add_int16("test.int16", -30000)
    w.add_uint32("test.uint32", 4_000_000_000)
    w.add_int32("test.int32", -2_000_000_000)
    w.add_float32("test.float32", 0.1)
    w.add_bool("test.yes", True)
    w.add_bool("test.no", False)
    w.add_string("test.string", "naïve – 訳 🐦")
    w.add_uint64("test.uint64", 2**63 + 5)
    w.add_int64("test.int64", -(2**62))
    w.add_float64("test.float64", 0.1)
    w.add_array("test.strings", ["[PAD]", "x", "ééé", "▁the", "a" * 40])
    w.add_array("test.ints", [1, -2, 3])
    w.add_array("test.floats", [0.5, -1000.0, 3.25])
    w.add_array("test.bools", [True, False, True])
    w.add_array("test.nested", [[1, 2], [3, 4, 5]])
    if with_unreadable:
        w.add_tensor("ids", np.arange(5, dtype=np.int64))
        w.add_tensor("k.weight", np.zeros((2, 320), dtype=np.uint8), raw_dtype=Type.Q8_1)
        w.add_tensor("f64.weight", small("f64")[0].view(np.float64).reshape(12, 64))
        w.add_tensor("i8.weight", small("i8")[0].view(np.int8).reshape(12, 64))
        for kind in READ_ONLY:
            w.add_tensor(f"{kind.name.lower()}.weight", random_blocks(kind), raw_dtype=kind)
    for kind in TYPES:
        data = stored(x, kind)
        w.add_tensor(f"{kind.name.lower()}.weight", data, raw_dtype=kind)
    w.add_tensor("cube.weight", x[:, :16].reshape(2, 6, 16).copy())
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    x = values()
    (OUT / "values.f32").write_bytes(x.tobytes())
    for kind in TYPES:
        data = stored(x, kind)
        name = kind.name.lower()
        (OUT / f"{name}.stored").write_bytes(data.tobytes())
        (OUT / f"{name}.f32").write_bytes(gguf.quants.dequantize(data, kind).astype(np.float32).tobytes())
    for kind in READ_ONLY:
        data = random_blocks(kind)
        name = kind.name.lower()
        (OUT / f"{name}.stored").write_bytes(data.tobytes())
        (OUT / f"{name}.f32").write_bytes(dequantized(data, kind).astype(np.float32).tobytes())

    for name in ("f64", "i8", "e8m0", "f4_e2m1", "f8_e4m3", "f8_e5m2"):
        data, floats = small(name)
        (OUT / f"{name}.stored").write_bytes(data.tobytes())
        (OUT / f"{name}.f32").write_bytes(floats.astype(np.float32).tobytes())

    write_gguf(OUT / "plain.gguf", x, with_unreadable=False)
    write_gguf(OUT / "v3.gguf", x, with_unreadable=True)
    # Version 2 differs in nothing but the number for a little-endian file.
    v3 = (OUT / "v3.gguf").read_bytes()
    (OUT / "v2.gguf").write_bytes(v3[:4] + struct.pack("<I", 2) + v3[8:])
    gguf.GGUFReader(OUT / "v2.gguf")

    single = {
        "embeddings.word": x,
        "half": x[:2].astype(np.float16),
        "embeddings.position_ids": np.arange(8, dtype=np.int64).reshape(1, 8),
        "scalar": np.array(2.5, dtype=np.float32),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }
    data = safetensors.numpy.save(single, metadata={"format": "pt"})
    (OUT / "single.safetensors").write_bytes(data)
    # bfloat16 has no numpy type: its file is written here and read by the package's own header check.
    brain = stored(x, Type.BF16)
    header = json.dumps({"brain": {"dtype": "BF16", "shape": [12, 64], "data_offsets": [0, brain.nbytes]}}).encode()
    header += b" " * (-len(header) % 8)
    (OUT / "brain.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + brain.tobytes())
    with safetensors.safe_open(OUT / "brain.safetensors", "np") as f:
        assert list(f.keys()) == ["brain"]

    shards = {"model-00001-of-00002.safetensors": {"a.weight": x[:4], "ids": np.arange(3, dtype=np.int64)},
              "model-00002-of-00002.safetensors": {"b.weight": x[4:]}}
    for name, tensors in shards.items():
        safetensors.numpy.save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, OUT / name)
        (OUT / name).chmod(0o644)
    weight_map = {tensor: name for name, tensors in shards.items() for tensor in tensors}
    index = {"metadata": {"total_size": 3096}, "weight_map": weight_map}
    (OUT / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


if __name__ == "__main__":
    main()
