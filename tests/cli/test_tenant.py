def test_the_tenant_may_be_set_once(run):
    for name in ("north", "south"):
        assert run("tenant", "add", name, "--jurisdiction", "ca").code == 0
    many = run("partner", "list")
    assert many.code == 2
    assert "FOOTBRIDGE_TENANT" in many.err
    chosen = {"FOOTBRIDGE_TENANT": "south"}
    assert run("partner", "add", "hub", "https://hub.test/fhir", env=chosen).code == 0
    assert "hub" in run("partner", "list", "--tenant", "south").out
    assert "hub" not in run("partner", "list", "--tenant", "north", env=chosen).out
    unknown = run("partner", "list", env={"FOOTBRIDGE_TENANT": "sout"})
    assert unknown.code == 2
    assert "south" in unknown.err


def test_a_folder_that_cannot_be_made_names_the_setting(run, tmp_path):
    (tmp_path / "file").write_text("")
    ran = run("tenant", "add", "x", env={"FOOTBRIDGE_DATABASE_URL": f"sqlite:///{tmp_path}/file/deep/a.db"})
    assert ran.code == 2
    assert "FOOTBRIDGE_DATABASE_URL" in ran.err
    assert len(ran.err.splitlines()) == 1
