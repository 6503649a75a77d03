"""Take the picture of the listening page: make_listening_picture.py RUN.

RUN is the folder of a run. Needs Chromium, and the page's files (`make vendor`).
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import textmusic

PICTURE = Path(__file__).parent / "images" / "listen.png"

browser = shutil.which("chromium") or shutil.which("google-chrome")
if browser is None:
    sys.exit("install Chromium")
with tempfile.TemporaryDirectory() as folder:
    page = Path(folder) / "page"
    textmusic.listen(sys.argv[1], page, number=8, title="Eight new tunes", temperature=0.8, seed=1)
    options = ("--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1280,1000")
    wait, shot = "--virtual-time-budget=20000", f"--screenshot={PICTURE}"
    address = (page / "index.html").as_uri()
    subprocess.run([browser, *options, wait, shot, address], check=True)  # noqa: S603 - our page
print(PICTURE)
