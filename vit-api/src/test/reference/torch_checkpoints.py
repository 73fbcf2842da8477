"""Writes the files of torch that the tests of package weights read: good ones and hostile ones.

Run from the repository root: python vit-api/src/test/reference/torch_checkpoints.py
Needs torch and safetensors. Nothing hostile is executed here: the pickles are only written.
"""

import base64
import collections
import io
import math
import os
import pathlib
import pickle
import runpy
import struct
import subprocess
import webbrowser
import zipfile
import zlib

import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).parents[1] / "resources/io/github/vit4j/weights/torch"
OUT.mkdir(parents=True, exist_ok=True)


def arange(dtype, *shape):
    return torch.arange(math.prod(shape)).remainder(100).to(dtype).reshape(shape)


# --- Good ones: what the reader must give is in expected.safetensors.

base = arange(torch.float32, 4, 6)
state = collections.OrderedDict(
    float32=arange(torch.float32, 2, 3),
    float64=arange(torch.float64, 5),
    half=arange(torch.float16, 3),
    bfloat16=arange(torch.bfloat16, 3),
    int64=arange(torch.int64, 1, 7),
    int32=arange(torch.int32, 3),
    int16=arange(torch.int16, 3),
    int8=arange(torch.int8, 3) - 1,
    uint8=arange(torch.uint8, 3) + 200,
    bool=torch.tensor([True, False, True]),
    scalar=torch.tensor(3.5),
    empty=torch.zeros(0, 4),
    parameter=torch.nn.Parameter(arange(torch.float32, 3)),
    tied=base,
    tied_again=base,
    rows=base[1:3],
    columns=base[:, 2:5],
    transposed=base.t(),
    every_second=base.flatten()[1::2],
    permuted=arange(torch.float16, 2, 3, 4).permute(2, 0, 1),
    expanded=torch.tensor([7.0, 8.0]).unsqueeze(1).expand(2, 3),
    single_row=base[3:4].t().t(),
)
state["name \u00e9\u4e2d"] = torch.ones(1)
# What state_dict() of a module has beside the tensors, and what training scripts add.
state._metadata = collections.OrderedDict([("", {"version": 1})])
save_file({k: v.detach().clone().contiguous() for k, v in state.items()}, OUT / "expected.safetensors")


def write(name, value, **arguments):
    buffer = io.BytesIO()
    torch.save(value, buffer, **arguments)
    (OUT / name).write_bytes(buffer.getvalue())


for protocol in 2, 3, 4, 5:
    write(f"zip-protocol{protocol}.bin", state, pickle_protocol=protocol)
for protocol in 2, 4:
    write(
        f"legacy-protocol{protocol}.bin",
        state,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=False,
    )
torch.serialization.set_crc32_options(False)
write("without-checksums.bin", state)
torch.serialization.set_crc32_options(True)
plain = {name: state[name] for name in state}
write("plain-dict.bin", plain)
write("wrapped-model.bin", {"model": state, "epoch": 3, "lr": 0.1, "best": None, "history": [1, 2.5, (True, "x")]})
write("wrapped-state-dict.bin", {"state_dict": state, "optimizer": {"state": {0: {"step": 1}}, "param_groups": []}})

# Types that no engine takes are known by name only.
write(
    "unsupported.bin",
    {
        "ok": torch.ones(2),
        "complex": torch.zeros(2, dtype=torch.complex64),
        "uint16": torch.zeros(2, dtype=torch.uint16),
        "float8": torch.zeros(2).to(torch.float8_e4m3fn),
    },
)


# A packer that knows nothing of alignment: storages begin at odd offsets.
def repacked(name):
    out = io.BytesIO()
    with zipfile.ZipFile(OUT / name) as archive, zipfile.ZipFile(out, "w") as target:
        for entry in archive.namelist():
            target.writestr(entry + "", archive.read(entry))
    return out.getvalue()


(OUT / "repacked.bin").write_bytes(repacked("zip-protocol2.bin"))

# --- Hostile ones: name, what the message must contain (nothing for a good one), zlib in base64.

ROWS = []
MARKER = "vit4j-was-here"


def case(name, expected, data):
    ROWS.append((name, expected, base64.b64encode(zlib.compress(data, 9)).decode()))


def archive(pickled, storages=None, compression=zipfile.ZIP_STORED, folder="archive"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as target:
        target.writestr(f"{folder}/data.pkl", pickled)
        target.writestr(f"{folder}/byteorder", "little")
        for key, data in (storages or {"0": b"\0" * 16}).items():
            target.writestr(f"{folder}/data/{key}", data)
        target.writestr(f"{folder}/version", "3\n")
    return out.getvalue()


class Call:
    """Pickles as a call of a function, by name: the classic attack."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def refused(name, value, expected):
    for protocol in 2, 4:
        case(f"{name}, protocol {protocol}", expected, archive(pickle.dumps(value, protocol)))
    case(f"{name}, alone", expected, pickle.dumps(value, 2))


# Not hostile, but its bytes are not its numbers.
for name, lazy in ("negated", torch._neg_view(torch.ones(4))), ("conjugated", torch.ones(4, dtype=torch.complex64).conj()):
    buffer = io.BytesIO()
    torch.save({"a": lazy}, buffer)
    case(f"{name} lazily", "a tensor with metadata", buffer.getvalue())

touch = f"touch {MARKER}"
refused("os.system", {"a": Call(os.system, touch)}, ".system'")
refused("eval", {"a": Call(eval, f"open('{MARKER}', 'w')")}, ".eval'")
refused("exec", Call(exec, "1"), ".exec'")
refused("open", Call(open, MARKER, "w"), "open'")
refused("getattr", Call(getattr, "", "upper"), ".getattr'")
refused("import", Call(__import__, "os"), ".__import__'")
refused("Popen", Call(subprocess.Popen, touch), ".Popen'")
refused("runpy", Call(runpy.run_path, "x.py"), "'runpy.run_path'")
refused("webbrowser", Call(webbrowser.open, "http://127.0.0.1"), "'webbrowser.open'")
refused("torch.load", Call(torch.load, "x"), "'torch.serialization.load'")
refused("torch.hub", Call(torch.hub.load, "x", "y"), "'torch.hub.load'")


def program(*parts):
    return b"\x80\x02" + b"".join(parts) + b"."


def name_of(module, name):
    return f"c{module}\n{name}\n".encode()


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def number(value):
    if 0 <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(9, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def numbers(values):
    return b"(" + b"".join(number(v) for v in values) + b"t"


def storage(kind="FloatStorage", key="0", count=4):
    return b"(" + text("storage") + name_of("torch", kind) + text(key) + text("cpu") + number(count) + b"tQ"


def tensor(offset=0, shape=(4,), strides=(1,), stored=None, sizes=None):
    return (
        name_of("torch._utils", "_rebuild_tensor_v2")
        + b"("
        + (stored or storage())
        + number(offset)
        + (sizes or numbers(shape))
        + numbers(strides)
        + b"\x89"
        + name_of("collections", "OrderedDict")
        + b")RtR"
    )


def state_of(value):
    return program(b"}", text("a"), value, b"s")


def raw(name, expected, *parts):
    case(name, expected, archive(program(*parts)))


# The frame is right: with a good tensor it loads.
case("good", "", archive(state_of(tensor())))
# What older versions wrote.
case("good torch.Size", "", archive(state_of(tensor(sizes=name_of("torch", "Size") + numbers((4,)) + b"\x85R"))))
case("good Python 2", "", archive(program(name_of("collections", "OrderedDict"), b"](](U\x01a", tensor(), b"ee\x85R")))
case("good tensor of version 1", "", archive(state_of(name_of("torch._utils", "_rebuild_tensor") + b"(" + storage() + number(0) + numbers((4,)) + numbers((1,)) + b"tR")))
part = storage(count=8)[:-2] + b"(" + text("part") + number(4) + number(4) + b"ttQ"
case("good part of a storage", "", archive(state_of(tensor(stored=part)), {"0": b"\0" * 32}))
case("beyond a part of a storage", "reaches element 4", archive(state_of(tensor(offset=1, stored=part)), {"0": b"\0" * 32}))
case("part beyond a storage", "refers to elements 4 to 4 + 4", archive(state_of(tensor(stored=part.replace(number(8), number(7))))))
case("part of an unknown kind", "in an unknown way", archive(state_of(tensor(stored=storage()[:-2] + text("part") + b"tQ"))))

for module, name in [
    ("posix", "system"),
    ("nt", "system"),
    ("__builtin__", "eval"),
    ("builtins", "exec"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy", "load"),
    ("collections", "defaultdict"),
    ("collections", "OrderedDict.fromkeys"),
    ("torch", "load"),
    ("torch._utils", "_rebuild_qtensor"),
    ("torch._utils", "_import_dotted_name"),
    ("torch.jit", "load"),
    ("argparse", "Namespace"),
    ("codecs", "encode"),
    ("operator", "attrgetter"),
    ("", ""),
    ("java.lang.Runtime", "exec"),
]:
    raw(f"global {module}.{name}", f"'{module}.{name}'", name_of(module, name), text(touch), b"\x85R")
    raw(f"stack global {module}.{name}", f"'{module}.{name}'", text(module), text(name), b"\x93)R")

for opcode, code in {
    "INST": b"(ios\nsystem\n",
    "OBJ": b"(o",
    "NEWOBJ": name_of("collections", "OrderedDict") + b")\x81",
    "NEWOBJ_EX": name_of("collections", "OrderedDict") + b")}\x92",
    "EXT1": b"\x82\x01",
    "EXT2": b"\x83\x01\x00",
    "EXT4": b"\x84\x01\x00\x00\x00",
    "PERSID": b"Pfile:///etc/passwd\n",
    "GET": b"g0\n",
    "PUT": b"}p0\n",
    "INT": b"I1\n",
    "LONG": b"L1L\n",
    "FLOAT": b"F1\n",
    "STRING": b"S'x'\n",
    "UNICODE": b"Vx\n",
    "DICT": b"(d",
    "LIST": b"(l",
    "DUP": b"}2",
    "BINBYTES": b"B\x01\x00\x00\x00x",
    "SHORT_BINBYTES": b"C\x01x",
    "BINBYTES8": b"\x8e" + struct.pack("<Q", 1) + b"x",
    "BYTEARRAY8": b"\x96" + struct.pack("<Q", 1) + b"x",
    "EMPTY_SET": b"\x8f",
    "FROZENSET": b"(\x91",
    "ADDITEMS": b"(\x90",
    "NEXT_BUFFER": b"\x97",
    "READONLY_BUFFER": b"\x98",
}.items():
    raw(f"instruction {opcode}", f"the instruction {opcode},", code)
raw("unknown instruction", "unknown instruction 0xff", b"\xff")
raw("BUILD of a list", "sets the state of a list", b"]}b")
raw("BUILD of a dict", "sets the state of a dict", b"}}b")
raw("BUILD with a tuple", "sets the state of a dict", name_of("collections", "OrderedDict"), b")R)b")
raw("BUILD of a function", "sets the state of a function", name_of("collections", "OrderedDict"), b"}b")
raw("call of a str", "calls a str", text("os.system"), b")R")
raw("call of a storage type", "calls a storage type", name_of("torch", "FloatStorage"), b")R")
raw("call of a dtype", "calls a dtype", name_of("torch", "float32"), b")R")
raw("call with a list", "calls a function with a list", name_of("torch", "Size"), b"]R")
raw("Size of an int", "torch.Size of something else", name_of("torch", "Size"), number(3), b"\x85R")
raw("OrderedDict of an int", "OrderedDict of something else", name_of("collections", "OrderedDict"), number(3), b"\x85R")
raw("OrderedDict of ints", "something else than pairs", name_of("collections", "OrderedDict"), b"]", number(3), b"a\x85R")
raw("parameter of a str", "parameter of something else", name_of("torch._utils", "_rebuild_parameter"), text("x"), b"\x89}\x87R")
raw("tensor of a str", "tensor of something else", name_of("torch._utils", "_rebuild_tensor_v2"), b"(", text("x"), b"tR")

for label, identity in {
    "a str": text("file:///etc/passwd"),
    "an int": number(1),
    "None": b"N",
    "a dict": b"}",
    "an empty tuple": b")",
    "two strs": text("storage") + text("x") + b"\x86",
    "a str for the type": b"(" + text("storage") + text("x") + text("0") + text("cpu") + number(4) + b"t",
    "a function for the type": b"(" + text("storage") + name_of("torch", "Size") + text("0") + text("cpu") + number(4) + b"t",
    "an int for the key": b"(" + text("storage") + name_of("torch", "FloatStorage") + number(0) + text("cpu") + number(4) + b"t",
    "a str for the count": b"(" + text("storage") + name_of("torch", "FloatStorage") + text("0") + text("cpu") + text("4") + b"t",
    "too many": b"(" + text("storage") + name_of("torch", "FloatStorage") + text("0") + text("cpu") + number(4) + b"NNt",
}.items():
    raw(f"persistent id of {label}", "something else than a storage", identity, b"Q")
raw("persistent id of a module", "the code of a module", b"(", text("module"), text("x"), text("y"), b"tQ")

for key in "1", "../data.pkl", "0/", "", "/etc/passwd", "0\0":
    case(f"storage {key!r}", "lacks the entry", archive(state_of(tensor(stored=storage(key=key)))))
for kind, count in [("FloatStorage", 5), ("FloatStorage", 3), ("FloatStorage", 2**62), ("FloatStorage", 2**63 - 1), ("ByteStorage", 17), ("DoubleStorage", 4)]:
    case(f"{kind} of {count}", "bytes, but its pickle says", archive(state_of(tensor(shape=(1,), stored=storage(kind, count=count)))))
case("FloatStorage of -1", "refers to elements", archive(state_of(tensor(stored=storage(count=-1)))))
case("storage of two types", "refers to storage", archive(program(b"}(", text("a"), tensor(), text("b"), tensor(stored=storage("IntStorage")), b"u")))
for label, expected, arguments in [
    ("beyond the end", "reaches element 4", dict(shape=(5,))),
    ("offset beyond the end", "reaches element 4", dict(offset=1)),
    ("stride beyond the end", "reaches element 6", dict(strides=(2,))),
    ("huge offset", "reaches element", dict(offset=2**62)),
    ("overflowing offset", "too many elements", dict(offset=2**63 - 1, shape=(2,))),
    ("overflowing shape", "too many elements", dict(shape=(2**62, 2**62), strides=(0, 0))),
    ("overflowing stride", "too many elements", dict(shape=(3,), strides=(2**62,))),
    ("huge expanded", "bytes to copy into order", dict(shape=(2**40,), strides=(0,))),
    ("huge in order of nothing", "too many elements", dict(shape=(2**61,), strides=(0,))),
    ("negative offset", "negative offset", dict(offset=-1)),
    ("negative size", "negative offset", dict(shape=(-1,))),
    ("negative stride", "negative offset", dict(strides=(-1,), offset=3)),
    ("more strides than sizes", "1 sizes and 2 strides", dict(strides=(1, 1))),
    ("many dimensions", "more than 64", dict(shape=(1,) * 65, strides=(1,) * 65)),
    ("wide numbers", "among its sizes or strides", dict(shape=(2**64,))),
]:
    case(f"tensor {label}", expected, archive(state_of(tensor(**arguments))))
many = b"".join(text(f"t{i}") + tensor(shape=(2**20,), strides=(0,)) for i in range(40))
case("many expanded", "bytes to copy into order", archive(program(b"}(", many, b"u")))

case("truncated", "truncated", archive(b"\x80\x02}"))
case("empty pickle", "truncated", archive(b""))
case("endless str", "truncated", archive(program(b"X\xff\xff\xff\xff")))
case("endless long str", "truncated", archive(program(b"\x8d" + b"\xff" * 8)))
case("endless name", "more than 500 bytes", archive(program(b"c" + b"a" * 5000)))
case("endless frame", "truncated", archive(b"\x80\x04\x95" + b"\xff" * 7 + b"\x7f}."))
case("huge int", "an int of", archive(program(b"\x8b\xff\xff\xff\x7f")))
case("wide int", "an int of 255 bytes", archive(program(b"\x8a\xff" + b"\x01" * 255)))
case("not UTF-8", "not UTF-8", archive(program(b"X\x01\x00\x00\x00\xff")))
case("protocol 0", "protocol 0", archive(b"\x80\x00}."))
case("protocol 6", "protocol 6", archive(b"\x80\x06}."))
case("empty stack", "empty stack", archive(program(b"")))
case("pop of nothing", "empty stack", archive(program(b"00")))
case("tuple of nothing", "empty stack", archive(program(b"\x87")))
case("no mark", "a mark that is not there", archive(program(b"t")))
case("value below the mark", "empty stack", archive(program(b"](a")))
case("stop in the middle", "stops in the middle", archive(program(b"}}")))
case("recall of nothing", "recalls value 7", archive(program(b"h\x07")))
case("append to a dict", "appends to a dict", archive(program(b"}}a")))
case("item of a list", "sets items of a list", archive(program(b"]}}s")))
case("odd items", "a key without a value", archive(program(b"}(", text("a"), b"u")))
case("tuple as a key", "a tuple as the key", archive(program(b"}", b")Ns")))
case("dict as a key", "a dict as the key", archive(program(b"}", b"}Ns")))
case("no dict", "it holds a list", archive(program(b"]")))
case("no tensors", "it holds no tensors", archive(program(b"}")))

# Deep nesting, and values that contain themselves, must not be walked into.
case("deep tuples", "it holds a tuple", archive(program(b")" + b"\x85" * 200_000)))
case("deep lists", "it holds a list", archive(program(b"]" * 100_000 + b"a" * 99_999)))
case("deep dicts in a state", "it holds no tensors", archive(program(b"}", text("a"), b"]" * 50_000 + b"a" * 49_999, b"s")))
case("list in itself", "it holds a list", archive(program(b"]q\x00h\x00a")))
case("dict in itself", "it holds no tensors", archive(program(b"}q\x00", text("a"), b"h\x00s")))
bomb = b")q\x00" + b"".join(b"h\x00h\x00\x86q\x00" for _ in range(5000))
case("billion laughs", "it holds a tuple", archive(program(b"(" + bomb + b"t")))
case("many instructions", "more than 1000000 steps", archive(program(b"N0" * 500_001)))
case(
    "one list handed over many times",
    "more than 1000000 steps",
    archive(
        program(
            b"](" + (b"](" + text("k") + b"Ne") * 10_000 + b"eq\x01",
            name_of("collections", "OrderedDict"),
            b"q\x02",
            b"h\x02h\x01\x85R0" * 200,
        )
    ),
)
case("sparse memo", "it holds no tensors", archive(program(b"}r\xff\xff\xff\xff" + b"".join(b"r" + struct.pack("<I", i * 7919 * 65536 & 0xFFFFFFFF) for i in range(5000)))))
# Keys of one hash code: AaAa, AaBB, BBAa, ...
collisions = [""]
for _ in range(12):
    collisions = [c + part for c in collisions for part in ("Aa", "BB")]
case("keys of one hash code", "it holds no tensors", archive(program(b"}(", b"".join(text(c) + b"N" for c in collisions), b"u")))

# --- Hostile zips.

good = archive(state_of(tensor()))


def patched(data, old, new, nth=0):
    at = -1
    for _ in range(nth + 1):
        at = data.index(old, at + 1)
    return data[:at] + new + data[at + len(old) :]


def entries(data):
    """The offsets of the directory's entries, by name."""
    end = data.rindex(b"PK\x05\x06")
    count, _, at = struct.unpack_from("<HII", data, end + 10)
    found = {}
    for _ in range(count):
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        found[data[at + 46 : at + 46 + name].decode()] = at
        at += 46 + name + extra + comment
    return found


def put(data, at, form, *values):
    new = struct.pack(form, *values)
    return data[:at] + new + data[at + len(new) :]


directory = entries(good)
blob = directory["archive/data/0"]
pickle_entry = directory["archive/data.pkl"]
end = good.rindex(b"PK\x05\x06")
case("not a file of torch", "neither as a zip archive nor as a pickle", b"hello world")
case("nothing", "neither as a zip archive nor as a pickle", b"")
case("two letters", "no end", b"PK")
case("cut in half", "no end", good[: len(good) // 2])
case("end cut", "no end", good[:-1])
case("bytes behind", "no end", good + b"x")
case("bytes in front", "ends at", b"PK" + good)
case("fewer entries", "more entries than it says", put(good, end + 8, "<HH", 3, 3))
case("more entries", "entries in a directory of", put(good, end + 8, "<HH", 40, 40))
case("more entries in a larger directory", "fewer entries than it says", put(good, end + 8, "<HH", 5, 5))
case("directory elsewhere", "ends at", put(good, end + 16, "<I", 0))
case("directory beyond", "ends at", put(good, end + 16, "<I", 2**32 - 2))
case("second disk", "part of several", put(good, end + 4, "<H", 1))
case("compressed pickle", "is compressed (method 8)", archive(state_of(tensor()), compression=zipfile.ZIP_DEFLATED))
case("bomb", "is compressed (method 8)", archive(state_of(tensor(stored=storage(count=1 << 20))), {"0": b"\0" * (4 << 20)}, zipfile.ZIP_DEFLATED))
case("lzma", "is compressed (method 14)", put(good, blob + 10, "<H", 14))
case("method of the header alone", "a header of its own that says something else", put(good, struct.unpack_from("<I", good, blob + 42)[0] + 8, "<H", 8))
case("encrypted", "is encrypted", put(good, blob + 8, "<H", 1))
case("larger than the file", "beyond the data's end", put(good, blob + 20, "<II", 2**31, 2**31))
case("two sizes", "is not compressed, but has", put(good, blob + 20, "<I", 4))
case("another size in front", "by its own header", put(good, struct.unpack_from("<I", good, blob + 42)[0] + 22, "<I", 4))
case("smaller", "bytes, but its pickle says", put(put(good, blob + 20, "<II", 12, 12), struct.unpack_from("<I", good, blob + 42)[0] + 18, "<II", 12, 12))
case("header elsewhere", "is not where its archive's directory says", put(good, blob + 42, "<I", 1))
case("header beyond", "is not where its archive's directory says", put(good, blob + 42, "<I", 2**31))
case("header in the directory", "is not where its archive's directory says", put(good, blob + 42, "<I", pickle_entry))
case("64-bit size without field", "lacks its 64-bit sizes", put(good, blob + 24, "<I", 2**32 - 1))
case("names differ", "a header of its own that says something else", patched(good, b"archive/data/0", b"archive/data/9"))
case("damaged pickle", "another checksum", patched(good, b"X\x01\0\0\0a", b"X\x01\0\0\0b"))


def raw_zip(members, zip64=None):
    """Members are (name, data, name in front, header offset or None)."""
    out, central, offsets = b"", b"", []
    for name, data, local, at in members:
        offsets.append(len(out) if at is None else at)
        if at is None:
            local = (local or name).encode()
            crc = zipfile.crc32(data)
            out += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0, crc, len(data), len(data), len(local), 0) + local + data
    for (name, data, _, _), at in zip(members, offsets):
        encoded = name.encode()
        crc = zipfile.crc32(data)
        extra = b""
        sizes = (len(data), len(data))
        if zip64 and name in zip64:
            sizes = (2**32 - 1, 2**32 - 1)
            extra = struct.pack("<HH", 1, 16) + struct.pack("<QQ", *zip64[name])
        central += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, crc, *sizes, len(encoded), len(extra), 0, 0, 0, 0, at) + encoded + extra
    return out, central


def closed(out, central, count, end64=b""):
    return out + central + end64 + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(central), len(out), 0)


P = state_of(tensor())
D = b"\0" * 16


def zipped(*members, **arguments):
    members = [tuple(m) + (None,) * (4 - len(m)) for m in members]
    return closed(*raw_zip(members, **arguments), len(members))


case("good by hand", "", zipped(("a/data.pkl", P), ("a/data/0", D)))
case("good with 64-bit sizes", "", zipped(("a/data.pkl", P), ("a/data/0", D), zip64={"a/data/0": (16, 16)}))
case("64-bit size beyond", "beyond the data's end", zipped(("a/data.pkl", P), ("a/data/0", D), zip64={"a/data/0": (2**62, 2**62)}))
case("64-bit size negative", "beyond the data's end", zipped(("a/data.pkl", P), ("a/data/0", D), zip64={"a/data/0": (2**64 - 1, 2**64 - 1)}))
case("64-bit sizes differ", "is not compressed, but has", zipped(("a/data.pkl", P), ("a/data/0", D), zip64={"a/data/0": (16, 15)}))
case("entry twice", "is there twice", zipped(("a/data.pkl", P), ("a/data/0", D), ("a/data/0", D)))
case("pickle twice", "is there twice", zipped(("a/data.pkl", P), ("a/data.pkl", P), ("a/data/0", D)))
inner = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0, 0, 16, 16, 8, 0) + b"a/data/0" + D
first = 30 + len("a/data.pkl") + len(P)
case("entries overlap", "overlap", zipped(("a/data.pkl", P), ("a/x", inner), ("a/data/0", D, "a/data/0", first + 30 + len("a/x"))))
case("one header for two", "header of its own", zipped(("a/data.pkl", P), ("a/data/0", D), ("a/data/1", D, "a/data/1", first)))
for bad in "/a/data.pkl", "../a/data.pkl", "a/../data.pkl", "a\\data.pkl", "a/..":
    case(f"name {bad}", "a name that leads elsewhere", zipped(("a/data.pkl", P), ("a/data/0", D), (bad, D)))
case("no pickle", "0 entries NAME/data.pkl", zipped(("a/data/0", D)))
case("pickle too deep", "0 entries NAME/data.pkl", zipped(("a/b/data.pkl", P), ("a/b/data/0", D)))
case("two pickles", "2 entries NAME/data.pkl", zipped(("a/data.pkl", P), ("b/data.pkl", P), ("a/data/0", D)))
case("no entries", "0 entries NAME/data.pkl", zipped())
case("TorchScript", "a TorchScript module", zipped(("a/data.pkl", P), ("a/constants.pkl", P), ("a/data/0", D)))
case("big-endian", "big-endian", zipped(("a/data.pkl", P), ("a/byteorder", b"big"), ("a/data/0", D)))


def damaged(pickled, modulo):
    """An archive whose storage, which begins at that offset modulo 4, has another checksum."""
    for pad in range(4):
        data = zipped(("a/" + "x" * pad, b""), ("a/data.pkl", pickled), ("a/data/0", D))
        if data.index(b"a/data/0") % 4 == modulo:
            return put(data, entries(data)["a/data/0"] + 16, "<I", 1)


transposed = state_of(tensor(shape=(2, 2), strides=(1, 2)))
case("damaged storage that is not aligned", "another checksum", damaged(P, 1))
case("damaged storage that is not in order", "another checksum", damaged(transposed, 0))
case("good without a checksum, read where it lies", "", damaged(P, 0))

out, central = raw_zip([("a/data.pkl", P, None, None), ("a/data/0", D, None, None)])


def end64(count=2, size=None, offset=None, at=None, own=44):
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, own, 45, 45, 0, 0, count, count, len(central) if size is None else size, len(out) if offset is None else offset)
    return record + struct.pack("<IIQI", 0x07064B50, 0, len(out) + len(central) if at is None else at, 1)


case("good with a 64-bit end", "", closed(out, central, 2, end64()))
case("64-bit count", "of the same thing", closed(out, central, 2, end64(count=3)))
case("64-bit directory size", "of the same thing", closed(out, central, 2, end64(size=2**60)))
case("64-bit directory elsewhere", "of the same thing", closed(out, central, 2, end64(offset=2**63 + 5)))
case("64-bit end elsewhere", "not where it says", closed(out, central, 2, end64(at=0)))
case("64-bit end beyond", "not where it says", closed(out, central, 2, end64(at=2**63 - 1)))
case("64-bit end negative", "not where it says", closed(out, central, 2, end64(at=2**64 - 1)))
case("64-bit end of another length", "not where it says", closed(out, central, 2, end64(own=2**40)))

# --- Hostile files of the older form.

LEGACY_HEAD = (
    pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    + pickle.dumps(1001, 2)
    + pickle.dumps({"protocol_version": 1001, "little_endian": True, "type_sizes": {}}, 2)
)


def legacy(pickled=P, keys=("0",), counts=(4,), data=D, head=LEGACY_HEAD):
    blocks = b"".join(struct.pack("<q", count) + data for count in counts)
    return head + pickled + pickle.dumps(list(keys), 2) + blocks


case("good legacy", "", legacy())
case("legacy os.system", ".system'", legacy(pickle.dumps({"a": Call(os.system, touch)}, 2)))
case("legacy os.system as keys", ".system'", LEGACY_HEAD + P + pickle.dumps(Call(os.system, touch), 2))
case("legacy os.system as magic", ".system'", pickle.dumps(Call(os.system, touch), 2))
case("legacy magic", "torch.save did not write", pickle.dumps(17, 2) + legacy())
case("legacy version", "another version", legacy(head=LEGACY_HEAD.replace(b"M\xe9\x03.", b"M\xea\x03.", 1)))
case("legacy big-endian", "big-endian", legacy(head=LEGACY_HEAD.replace(b"\x88", b"\x89")))
case("legacy machine", "what machine", legacy(head=LEGACY_HEAD[: LEGACY_HEAD.index(b"M\xe9\x03.") + 4] + pickle.dumps([], 2)))
case("legacy no keys", "lacks the storage", legacy(keys=(), counts=()))
case("legacy other keys", "no tensor refers to", legacy(keys=("1",)))
case("legacy keys of ints", "no tensor refers to", legacy(keys=(0,)))
case("legacy key twice", "is there twice", legacy(keys=("0", "0"), counts=(4, 4)))
case("legacy count", "but its pickle says 4", legacy(counts=(5,)))
case("legacy negative count", "but its pickle says 4", legacy(counts=(-1,)))
case("legacy huge count", "it is truncated", legacy(state_of(tensor(stored=storage(count=2**61))), counts=(2**61,)))
case("legacy cut", "it is truncated", legacy()[:-1])
case("legacy cut before", "it ends before", legacy(counts=()))
case("legacy without keys", "its pickle is truncated", LEGACY_HEAD + P)

with open(OUT / "hostile.tsv", "w") as file:
    for row in ROWS:
        file.write("\t".join(row) + "\n")
print(len(ROWS), "cases,", sum((OUT / f).stat().st_size for f in os.listdir(OUT)), "bytes")
