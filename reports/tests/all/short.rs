//! Markdown and badges.

use crate::sample;
use array_assay_format::Revision;
use array_assay_reports::{badge, markdown};

#[test]
fn markdown_has_a_row_a_backend() {
    let text = markdown(&sample::three());
    println!("{text}");
    assert_eq!(text.lines().count(), 5);
    assert!(text.contains("| numpy | 2.4.1 | 2023.12, 2024.12 | 2024.12 | 1,604 | 1,604 | 0 | 0 | 0 | 0 |"));
    assert!(text.contains("| compat:torch | 2.11.0 | – | 2024.12 | 1,604 | 1,600 | 3 | 0 | 1 | 0 |"));
}

#[test]
fn markdown_escapes_what_a_library_printed() {
    let mut results = sample::run("numpy");
    results.header.backend.name = "a|b<script>`*_[x](javascript:1)\nnew".to_owned();
    let text = markdown(&[results]);
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains("a\\|b&lt;script&gt;\\`\\*\\_\\[x\\](javascript:1) new"), "{text}");
}

#[test]
fn a_badge_rounds_down_and_says_when_a_backend_conforms() {
    assert!(badge(&sample::run("numpy")).contains(">array api 2024.12</text>"));
    assert!(badge(&sample::run("numpy")).contains(">conforms</text>"));
    let torch = badge(&sample::run("compat:torch"));
    assert!(torch.contains(">99.7 %</text>"), "1600 of 1604: {torch}");
    let mut nearly = sample::run("numpy");
    nearly.footer.conforms.insert(Revision::V2024_12, false);
    assert!(badge(&nearly).contains(">99.9 %</text>"), "only a backend that conforms has it all");
}
