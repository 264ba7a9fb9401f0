"""A decoder of the scrubber's payload that shares no code with what packs it."""

import json
import struct
import zlib

import numpy as np


def unpack(payload: bytes) -> tuple[dict, dict[str, np.ndarray], bytes]:
    """Header, arrays as stored numbers, thumbnails."""
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    end = 4 + length + header["bodyBytes"]
    raw = zlib.decompress(payload[4 + length : end])
    arrays, offset = {}, 0
    for entry in header["arrays"]:
        count = int(np.prod(entry["shape"]))
        planes = np.frombuffer(raw, np.uint8, count * entry["bytes"], offset).reshape(entry["bytes"], count)
        offset += count * entry["bytes"]
        values = sum(plane.astype(np.int64) << (8 * place) for place, plane in enumerate(planes))
        values = values.reshape(entry["shape"])
        if entry["moving"]:
            differences = np.where(values % 2, -(values + 1) // 2, values // 2)
            values = np.cumsum(differences, axis=0) % (1 << (8 * entry["bytes"]))
        arrays[entry["name"]] = values
    assert offset == len(raw)
    return header, arrays, payload[end:]
