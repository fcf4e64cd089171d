//! `publish` and `badge`, and reports of folders.

use crate::command_line::{conform_tiny, folder, results_below, results_file, run, tiny};

#[test]
fn a_published_report_is_run_once_and_rendered_as_often_as_asked() {
    let dir = folder();
    let dir = dir.path();
    let matrix = format!("cases: 3\nlibraries:\n  - name: {:?}\n  - name: no-such-library\n", tiny("none", dir));
    std::fs::write(dir.join("matrix.yaml"), matrix).unwrap();
    let publish = |more: &[&str]| run(dir, &[&["publish", "matrix.yaml", "--jobs=1", "--results=results", "--out=site"], more].concat());

    let out = publish(&["--shard=2/2"]);
    assert!(out.err.contains("no-such-library"), "{}", out.err);
    out.fails(4, "there are no results");
    let out = publish(&[]);
    assert!(out.out.contains("0 of 2 runs have results"), "{}", out.out);
    out.fails(2, "no-such-library: failed to");
    let index = std::fs::read_to_string(dir.join("site/index.html")).unwrap();
    assert_eq!(index.matches("class=\"lib\"").count(), 1, "the library that could be run is published");

    let file = results_below(&dir.join("results"));
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    let out = publish(&["--render"]).exits(0);
    assert!(out.contains("1 of 2 runs have results"), "{out}");
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), before, "what has results is not run again");
    assert_eq!(std::fs::read_to_string(dir.join("site/index.html")).unwrap(), index, "the same results give the same bytes");

    std::fs::write(dir.join("matrix.yaml"), "librarys: []").unwrap();
    publish(&[]).fails(2, "matrix.yaml: ");
}

#[test]
fn a_run_into_a_folder_with_results_adds_to_its_report() {
    let dir = folder();
    let dir = dir.path();
    conform_tiny(dir, "none", &["--cases=3"]);
    let first = results_file(dir);
    let other = dir.join("out/earlier");
    std::fs::create_dir(&other).unwrap();
    let text = std::fs::read_to_string(&first).unwrap().replacen("\"name\":\"exec:", "\"name\":\"earlier:", 1);
    std::fs::write(other.join("results.jsonl"), &text).unwrap();
    let torn = dir.join("out/torn");
    std::fs::create_dir(&torn).unwrap();
    std::fs::write(torn.join("results.jsonl"), &text[..text.len() / 2]).unwrap();

    let said = conform_tiny(dir, "none", &["--cases=3"]);
    assert!(said.err.contains("left out of the report") && said.err.contains("torn"), "{}", said.err);
    let index = std::fs::read_to_string(dir.join("out/index.html")).unwrap();
    assert_eq!(index.matches("class=\"lib\"").count(), 2, "the earlier results and the new ones");

    std::fs::remove_dir_all(&torn).unwrap();
    run(dir, &["report", "out", "--out=again"]).exits(0);
    assert_eq!(std::fs::read_to_string(dir.join("again/index.html")).unwrap(), index, "a folder stands for its results");
    std::fs::create_dir(dir.join("empty")).unwrap();
    run(dir, &["report", "empty"]).fails(2, "results.jsonl");

    let first = first.to_str().unwrap();
    assert!(run(dir, &["badge", first]).exits(0).starts_with("<svg"));
    assert!(run(dir, &["badge", first, "--format=json"]).exits(0).contains("\"message\":\"tested in part\""));
    assert!(run(dir, &["badge", first, first, "--format=markdown"]).exits(0).starts_with("| backend |"));
    run(dir, &["badge", first, first]).fails(2, "name one results file");
}
