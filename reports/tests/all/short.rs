//! Markdown and badges.

use crate::sample;
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
fn a_badge_says_when_a_library_conforms_and_how_many_functions_deviate() {
    let numpy = badge(&sample::run("numpy"));
    assert_eq!((numpy.label.as_str(), numpy.message.as_str()), ("array API 2024.12", "conforms"));
    assert!(numpy.svg().contains(">array API 2024.12</text>") && numpy.svg().contains(">conforms</text>"));
    let torch = badge(&sample::run("compat:torch"));
    assert_eq!(torch.message, "4 functions deviate");
    assert_eq!(
        torch.json(),
        "{\"schemaVersion\":1,\"label\":\"array API 2024.12\",\"message\":\"4 functions deviate\",\"color\":\"7a5c00\"}\n"
    );
    let mut part = sample::run("numpy");
    part.header.options.insert("select".to_owned(), "elementwise/*".to_owned());
    assert_eq!(badge(&part).message, "tested in part", "a part of a run does not conform");
}
