import platform
import re
import subprocess
import sys

import pytest

MEASURE = """
import ctypes, os, tempfile, threading
from config import memory
memory.share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
all_here, over = threading.Barrier(9), threading.Event()
def work():
    libc.malloc(4_000)
    all_here.wait()
    over.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for one in threads: one.start()
all_here.wait()
libc.fdopen.restype = ctypes.c_void_p
out = libc.fdopen(1, b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fflush(ctypes.c_void_p(out))
over.set()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_it_lets_all_threads_share_two_arenas():
    told = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True).stdout
    assert 1 <= len(re.findall(r'<heap nr="', told)) <= 2
