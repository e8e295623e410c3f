"""Debian's Chromium without a window, driven over its debugging pipe.

Browser() starts it and end() ends it; Tab is one page of it. Every wait is for a condition and has an
end. Nothing but 127.0.0.1 is reached."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60 # seconds; a busy machine starts slowly


class Browser:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix='kcs-page.')
        theirs, self.write = os.pipe()
        self.read, answers = os.pipe()
        # Its end of the pipes is descriptors 3 and 4; the shell puts them there.
        self.process = subprocess.Popen(
            ['sh', '-c', f'exec chromium "$@" 3<&{theirs} 4>&{answers}', 'sh',
             '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
             '--remote-debugging-pipe', '--user-data-dir=' + self.home, '--no-first-run', '--no-proxy-server',
             '--disable-background-networking', '--disable-component-update', '--disable-sync',
             '--disable-extensions', '--force-device-scale-factor=1', '--force-color-profile=srgb',
             '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', 'about:blank'],
            pass_fds=(theirs, answers), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(self.home, 'stderr'), 'wb'), start_new_session=True,
            env={**os.environ, 'HOME': self.home})
        os.close(theirs)
        os.close(answers)
        self.buffer = b''
        self.last = 0
        self.answers = {}
        self.events = []

    def end(self):
        try:
            self.process.terminate()
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.write)
        os.close(self.read)
        shutil.rmtree(self.home, ignore_errors=True)

    def call(self, method, session=None, **parameters):
        """Sends a command and waits for its answer; events that come meanwhile are kept."""
        self.last += 1
        number = self.last
        message = {'id': number, 'method': method, 'params': parameters}
        if session:
            message['sessionId'] = session
        os.write(self.write, json.dumps(message).encode() + b'\0')
        end = time.monotonic() + PATIENCE
        while number not in self.answers:
            self._receive(end)
        answer = self.answers.pop(number)
        if 'error' in answer:
            raise RuntimeError(f'{method}: {answer["error"]}')
        return answer.get('result', {})

    def _receive(self, end):
        left = end - time.monotonic()
        ready, _, _ = select.select([self.read], [], [], max(0, left))
        if not ready:
            raise TimeoutError('the browser does not answer')
        some = os.read(self.read, 1 << 20)
        if not some:
            with open(os.path.join(self.home, 'stderr'), encoding='utf-8', errors='replace') as said:
                raise EOFError('the browser is gone: ' + said.read()[-2000:])
        self.buffer += some
        *whole, self.buffer = self.buffer.split(b'\0')
        for text in whole:
            message = json.loads(text)
            if 'id' in message:
                self.answers[message['id']] = message
            else:
                self.events.append(message)

    def tab(self):
        return Tab(self)


class Tab:
    """One page. complaints() is what it has logged, thrown, or asked its policy in vain for."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.call('Target.createTarget', url='about:blank')['targetId']
        self.session = browser.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        self.target = target
        for domain in ('Page', 'Runtime', 'Log', 'Network', 'Accessibility'):
            self.call(domain + '.enable')
        self.call('Page.addScriptToEvaluateOnNewDocument', source='''
            window.violations = [];
            document.addEventListener('securitypolicyviolation',
                e => violations.push(e.violatedDirective + ' ' + e.blockedURI));''')
        self.size(1280, 900)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def close(self):
        self.browser.call('Target.closeTarget', targetId=self.target)

    def size(self, width, height, phone=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
                  mobile=phone)

    def media(self, scheme='light', medium=''):
        self.call('Emulation.setEmulatedMedia', media=medium,
                  features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def go(self, url):
        self.call('Page.navigate', url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def value(self, script):
        """What the script (an expression) yields, as JSON has it."""
        answer = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(f'{script}: {answer["exceptionDetails"]}')
        return answer['result'].get('value')

    def wait(self, script, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not (value := self.value(script)):
            if time.monotonic() > end:
                raise TimeoutError(f'not within {seconds} s: {script}')
            time.sleep(0.03)
        return value

    def key(self, key, code=None, text=None):
        shape = {'key': key, 'code': code or key, 'windowsVirtualKeyCode': {'Tab': 9, 'Enter': 13, ' ': 32}.get(key, 0)}
        if text:
            shape['text'] = text
        self.call('Input.dispatchKeyEvent', type='keyDown', **shape)
        self.call('Input.dispatchKeyEvent', type='keyUp', **shape)

    def complaints(self):
        found = []
        for event in self.browser.events:
            if event.get('sessionId') != self.session:
                continue
            what = event['params']
            if event['method'] == 'Runtime.exceptionThrown':
                found.append('thrown: ' + json.dumps(what['exceptionDetails'])[:500])
            elif event['method'] == 'Runtime.consoleAPICalled':
                found.append('console: ' + json.dumps(what['args'])[:500])
            elif event['method'] == 'Log.entryAdded':
                found.append('log: ' + what['entry']['text'])
        return found + ['policy: ' + v for v in self.value('window.violations')]

    def requests(self):
        return [event['params']['request']['url'] for event in self.browser.events
                if event.get('sessionId') == self.session and event['method'] == 'Network.requestWillBeSent']

    def picture(self, path, whole=True):
        shot = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=whole,
                         **({'clip': self._everything()} if whole else {}))
        with open(path, 'wb') as out:
            out.write(base64.b64decode(shot['data']))

    def _everything(self):
        size = self.call('Page.getLayoutMetrics')['cssContentSize']
        return {'x': 0, 'y': 0, 'width': size['width'], 'height': min(size['height'], 6000), 'scale': 1}
