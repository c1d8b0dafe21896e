from config import serving


def test_it_starts_although_what_former_processes_measured_cannot_be_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("STRATUM_DATA", str(tmp_path))
    (tmp_path / "metrics" / "stays.db").mkdir(parents=True)
    (tmp_path / "metrics" / "zaps.db").touch()
    serving._forget_former_processes()
    assert [left.name for left in (tmp_path / "metrics").iterdir()] == ["stays.db"]
