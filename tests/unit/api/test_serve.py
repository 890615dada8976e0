import http.client
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vocpipe.api.keys import KeyRing
from vocpipe.cli import serve
from vocpipe.errors import ConfigError

_SERVE = "import sys, pathlib; from vocpipe.cli.serve import serve; serve(pathlib.Path(sys.argv[1]), port=0)"


def test_others_are_not_served_before_there_is_a_key(made: Path) -> None:
    for host in ("0.0.0.0", "::", "10.1.2.3"):
        with pytest.raises(ConfigError, match="no key") as told:
            serve.serve(made, host=host)
        assert "vocpipe serve --new-key" in told.value.hint


def test_a_key_is_printed_once_and_works(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    serve.serve(place, new_key=True, name="tableau")
    key = capsys.readouterr().out.strip()
    assert KeyRing(place, required=False).owner(key) == "tableau"
    serve.serve(place, revoke="tableau")
    assert KeyRing(place, required=False).owner(key) is None


def test_a_port_that_is_taken_is_told(made: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="cannot listen") as told:
            serve.serve(made, port=taken.getsockname()[1])
    assert "--port" in told.value.hint


def test_the_service_answers_on_a_real_socket(made: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _SERVE, str(made)], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            port = int(server.stderr.readline().partition("127.0.0.1:")[2].partition("/")[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/v1/dim_step?format=csv")
            answer = connection.getresponse()
            assert answer.status == 200
            assert answer.read().decode().startswith("step,position,")
            assert answer.getheader("server") is None
            connection.close()
        finally:
            server.terminate()
