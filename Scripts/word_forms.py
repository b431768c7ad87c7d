"""GPTQ's and AWQ's packed form of a matrix [outputs, inputs], rounded to the nearest code: tensors by their names in a module, and the floats that
the codes stand for. Codes are q = round(w / scale) + zero, with a scale in float16 and a zero point for each group of inputs."""
import torch

AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]


def groups(w, bits, index):
    """The codes [outputs, inputs], and scales and zero points [groups, outputs]; `index` is the group of each input."""
    top, count = 2 ** bits - 1, int(index.max()) + 1
    scales, zeros, codes = torch.empty(count, len(w)), torch.empty(count, len(w), dtype=torch.int64), torch.empty(w.shape, dtype=torch.int64)
    for group in range(count):
        part = w[:, index == group]
        low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
        scales[group] = ((high - low) / top).half().float()
        zeros[group] = (-low / scales[group]).round().clamp(0, top).long()
        q = (part / scales[group, :, None]).round().long() + zeros[group, :, None]
        codes[:, index == group] = q.clamp(0, top)
    values = (codes - zeros[index].T).float() * scales[index].T
    return codes, scales, zeros, values


def stream(codes, bits):
    """Rows of codes as words of 32 bits, from the lowest bit up; a code may cross into the next word."""
    ones = (codes[..., None] >> torch.arange(bits)) & 1
    ones = ones.reshape(len(codes), -1, 32)
    return signed((ones << torch.arange(32)).sum(-1))


def signed(words):
    return torch.where(words >= 1 << 31, words - (1 << 32), words).to(torch.int32)


def gptq(w, bits, size, form="gptq", reordered=False):
    inputs = w.shape[1]
    index = torch.arange(inputs) // (inputs if size == -1 else size)
    if reordered:
        index = index[torch.randperm(inputs, generator=torch.Generator().manual_seed(inputs))]
    codes, scales, zeros, values = groups(w, bits, index)
    # The first form stores a zero point less 1; 0 becomes the largest code.
    stored = zeros if form == "gptq_v2" else (zeros - 1) % 2 ** bits
    parts = {"qweight": stream(codes, bits).T.contiguous(), "qzeros": stream(stored, bits), "scales": scales.half(), "g_idx": index.to(torch.int32)}
    return parts, values


def awq(w, size):
    index = torch.arange(w.shape[1]) // size
    codes, scales, zeros, values = groups(w, 4, index)

    def packed(rows):
        rows = rows.reshape(len(rows), -1, 8)[..., AWQ_ORDER]
        return signed((rows << 4 * torch.arange(8)).sum(-1))
    return {"qweight": packed(codes.T), "qzeros": packed(zeros), "scales": scales.half()}, values
