"""A report in headless Chromium: report.py CHROMEDRIVER REPORT.html

The page is opened as a file, a site is clicked on its map, a statistic is switched off, and what the page says then is compared with the
numbers in it. No error may be on the console, and no request may leave.
"""
import base64
import json
import math
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

DRIVER, PAGE = sys.argv[1:3]


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Browser:
    def __init__(self, profile):
        self.port = free_port()
        self.driver = subprocess.Popen([DRIVER, f'--port={self.port}'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        arguments = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
                     '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage',
                     '--window-size=1250,1600', f'--user-data-dir={profile}']
        wanted = {'browserName': 'chrome', 'goog:chromeOptions': {'args': arguments},
                  'goog:loggingPrefs': {'browser': 'ALL', 'performance': 'ALL'}}
        self.session = ''
        for _ in range(200):
            try:
                made = self.ask('POST', '/session', {'capabilities': {'alwaysMatch': wanted}})
                break
            except OSError:
                time.sleep(0.1)
        self.session = '/session/' + made['sessionId']

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f'http://127.0.0.1:{self.port}{path}', data, {'Content-Type': 'application/json'}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)['value']

    def run(self, script, *args):
        return self.ask('POST', self.session + '/execute/sync', {'script': script, 'args': list(args)})

    def log(self, kind):
        return self.ask('POST', self.session + '/se/log', {'type': kind})

    def click(self, x, y):
        move = {'type': 'pointerMove', 'duration': 0, 'x': round(x), 'y': round(y), 'origin': 'viewport'}
        press = [{'type': 'pointerDown', 'button': 0}, {'type': 'pointerUp', 'button': 0}]
        self.ask('POST', self.session + '/actions', {'actions': [
            {'type': 'pointer', 'id': 'mouse', 'parameters': {'pointerType': 'mouse'}, 'actions': [move] + press}]})

    def close(self):
        try:
            if self.session:
                self.ask('DELETE', self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(20)


def check(browser):
    browser.ask('POST', browser.session + '/url', {'url': 'file://' + PAGE})
    for _ in range(100):
        if browser.run('return document.body.dataset.ready') == 'yes':
            break
        time.sleep(0.1)
    data = json.loads(browser.run('return document.getElementById("data").textContent'))
    assert browser.run('return document.body.dataset.site') == '0'

    # a click on the place of the last site on the map
    site = len(data['sites']['id']) - 1
    lon, lat = data['sites']['lon'][site], data['sites']['lat'][site]
    place = browser.run('''
        const svg = document.querySelector(".map > div:not([hidden]) svg");
        svg.scrollIntoView({block: "center"});
        const [west, east, south, north, left, top, right, bottom] = svg.dataset.map.split(" ").map(Number);
        const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
        const x = left + (arguments[0] - west) / (east - west) * (right - left);
        const y = bottom - (arguments[1] - south) / (north - south) * (bottom - top);
        return [box.left + x / view.width * box.width, box.top + y / view.height * box.height];
    ''', lon, lat)
    browser.click(*place)
    assert browser.run('return document.body.dataset.site') == str(data['sites']['id'][site])
    assert browser.run('return document.getElementById("site").value') == data['sites']['name'][site]

    # the curve of that site is drawn: values under the cursor are those of the data
    curves = data['curves']
    raw = base64.b64decode(curves['values'])
    values = struct.unpack(f'<{len(raw) // 4}f', raw)
    imt = next(m for m, imt in enumerate(data['imts']) if imt['name'] == 'PGA')
    last = curves['last']
    first = (site * len(curves['kinds']) * len(data['imts']) + imt) * last
    level = last // 2
    box = browser.run('''
        const over = document.querySelector("#curves .u-over");
        over.scrollIntoView({block: "center"});
        const b = over.getBoundingClientRect();
        return [b.left, b.top, b.width, b.height];
    ''')
    levels = data['imts'][imt]['levels']
    shares = browser.run('return document.querySelectorAll("#curves canvas").length')
    assert shares == 1, shares
    # the logarithmic axis of uPlot begins and ends at whole decades or at the data: look for the level by moving along it
    found = None
    for step in range(0, 400):
        x = box[0] + box[2] * step / 400
        move = {'type': 'pointerMove', 'duration': 0, 'x': round(x), 'y': round(box[1] + box[3] / 2), 'origin': 'viewport'}
        browser.ask('POST', browser.session + '/actions', {'actions': [
            {'type': 'pointer', 'id': 'mouse', 'parameters': {'pointerType': 'mouse'}, 'actions': [move]}]})
        shown = browser.run('return [...document.querySelectorAll("#curves .u-value")].map((e) => e.textContent)')
        if shown and shown[0] not in ('–', '') and math.isclose(float(shown[0]), levels[level], rel_tol=1e-4):
            found = shown
            break
    assert found, 'the level was not found under the cursor'
    assert math.isclose(float(found[1]), values[first + level], rel_tol=1e-4), (found, values[first + level])

    # a name in the legend switches its line off, and another site keeps it so
    browser.run('document.querySelectorAll("#curves .u-series")[2].querySelector("th").click()')
    assert browser.run('return document.querySelectorAll("#curves .u-series")[2].classList.contains("u-off")')
    browser.run('const e = document.getElementById("site"); e.value = arguments[0]; e.dispatchEvent(new Event("change"))', data['sites']['name'][0])
    assert browser.run('return document.body.dataset.site') == '0'
    assert browser.run('return document.querySelectorAll("#curves .u-series")[2].classList.contains("u-off")')
    # realizations on request, and a CSV of what is shown
    before = browser.run('return document.querySelectorAll("#curves .u-series").length')
    browser.run('document.getElementById("rlzs").click()')
    after = browser.run('return document.querySelectorAll("#curves .u-series").length')
    assert after == before + len(data['rlz_curves']['kinds']), (before, after)
    csv = browser.run('''
        let text;
        const plain = URL.createObjectURL;
        window.__blobs = [];
        URL.createObjectURL = (blob) => { window.__blobs.push(blob); return "data:,"; };
        HTMLAnchorElement.prototype.click = () => {};
        document.getElementById("save-curves").click();
        URL.createObjectURL = plain;
        return window.__blobs.length;
    ''')
    assert csv == 1
    text = browser.ask('POST', browser.session + '/execute/async', {
        'script': 'const done = arguments[0]; window.__blobs[0].text().then(done)', 'args': []})
    lines = text.strip().split('\n')
    header = lines[0].split(',')
    assert header[0] == 'PGA (g)' and header[1] == 'mean' and 'quantile-0.16' not in header, header
    assert len(lines) == last + 1 and math.isclose(float(lines[1].split(',')[0]), levels[0])

    errors = [entry for entry in browser.log('browser') if entry['level'] == 'SEVERE']
    assert not errors, errors
    sent = [json.loads(entry['message'])['message'] for entry in browser.log('performance')]
    urls = [m['params']['request']['url'] for m in sent if m['method'] == 'Network.requestWillBeSent']
    # what the browser itself shows before is not of the page
    others = [url for url in urls if not url.startswith(('file://' + PAGE, 'data:', 'blob:', 'chrome'))]
    assert 'file://' + PAGE in urls and not others, others


with tempfile.TemporaryDirectory() as profile:
    browser = Browser(profile)
    try:
        check(browser)
    finally:
        browser.close()
