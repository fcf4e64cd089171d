//! The program around the namespace, on a machine with or without a GPU.

use std::process::{Command, Output};

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_array-assay-cuda")).args(words).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_absent_is_one_line_and_no_panic() {
    let said = run(&["absent"]);
    assert!(said.status.success());
    let absent = text(said.stdout);
    let lines: Vec<&str> = absent.lines().collect();
    if let [line] = lines[..] {
        assert!(line.starts_with("find ") && line.contains("this leaves out all of the standard"), "{line}");
        // The worker itself ends with the same line.
        let worker = run(&[]);
        assert_eq!(
            (worker.status.code(), text(worker.stdout), text(worker.stderr)),
            (Some(1), String::new(), format!("failed to {line}\n"))
        );
    } else {
        assert_eq!(absent, "");
    }
}

#[test]
fn a_driver_that_is_no_driver_is_absent() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("libcuda.so"), "no library").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_array-assay-cuda"));
    let said = command.arg("absent").env("LD_LIBRARY_PATH", folder.path()).output().unwrap();
    assert!(said.status.success(), "{}", text(said.stderr));
}

#[test]
fn an_unknown_word_is_an_error_that_names_the_known_ones() {
    let said = run(&["hots"]);
    assert_eq!(said.status.code(), Some(1));
    let error = text(said.stderr);
    assert!(error.contains("`hots`") && error.contains("`host`") && error.lines().count() == 1, "{error}");
}
