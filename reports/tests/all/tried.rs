//! The table of what the cases of a run tried.

use array_assay_format::{Cell, Check, Covered, Met, Verdict};
use array_assay_reports::tried;

use crate::sample::{cell, check, finish, info, with};

#[test]
fn holes_show_and_only_all_of_the_choices_are_a_hundred_percent() {
    let met = |met, all| Met { met, all };
    let covered = Some(Covered { levels: met(199, 200), pairs: met(10, 40) });
    let of = |verdict, cases| Cell { verdict, cases, ..cell("int8") };
    let judged = vec![of(Verdict::Pass, 40), of(Verdict::Fail, 3), of(Verdict::Pass, 3)];
    let checks = vec![
        with(check("elementwise", "abs", "present", ""), vec![of(Verdict::Pass, 0)]),
        Check { covered, ..with(check("elementwise", "abs", "call", ""), judged) },
        with(check("elementwise", "abs", "value", ""), vec![of(Verdict::NotTested, 0), of(Verdict::Unsupported, 0)]),
        with(check("gaps", "nanmin", "call", ""), vec![of(Verdict::NotTested, 0)]),
    ];
    let text = tried(&finish(info("numpy"), checks));
    let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[1], ["elementwise/abs", "3", "1", "1", "1", "99", "%", "25", "%"]);
    assert_eq!(words[2][1..], words[1][1..]);
    assert_eq!(words.len(), 3, "{text}");
}
