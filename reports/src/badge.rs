//! An SVG badge.

use array_assay_format::{Level, Results, Verdict};

use crate::gate::{Tally, gated_revision};
use crate::text::visible;

/// A badge that says how far the backend follows the revision of its default gate: `array api 2025.12 | 98.3 %`. The number is the percentage
/// of checks at level must that pass, without checks that are not tested, blocked, flaky or unsupported. It is rounded down, and at most 99.9.
/// A backend that conforms shows `conforms` instead.
pub fn badge(results: &Results) -> String {
    let revision = gated_revision(&results.header);
    let tally = Tally::of(results.checks.iter().filter(|check| check.level == Level::Must), revision);
    let open = tally.get(Verdict::NotTested) + tally.get(Verdict::Blocked) + tally.get(Verdict::Flaky) + tally.get(Verdict::Unsupported);
    let judged = tally.total() - open;
    let passed = tally.get(Verdict::Pass);
    let conforms = results.footer.conforms.get(&revision).copied().unwrap_or(false);
    let (value, colour) = match (passed * 1000).checked_div(judged).map(|share| share.min(999)) {
        _ if conforms => ("conforms".to_owned(), "#1a7f37"),
        None => ("unknown".to_owned(), "#656d76"),
        Some(share) => {
            let colour = if share >= 950 {
                "#4d7c0f"
            } else if share >= 700 {
                "#9a6700"
            } else {
                "#cf222e"
            };
            (format!("{}.{} %", share / 10, share % 10), colour)
        }
    };
    shield(&format!("array api {revision}"), &value, colour)
}

/// Two fields side by side. Their widths are estimates; `textLength` fits the text into them for any font.
fn shield(label: &str, value: &str, colour: &str) -> String {
    let width = |text: &str| 7 * text.chars().count() + 12;
    let (label, value) = (escape(label), escape(value));
    let (left, right) = (width(&label), width(&value));
    let total = left + right;
    let (label_x, value_x) = (left / 2, left + right / 2);
    let (label_length, value_length) = (left - 12, right - 12);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img" aria-label="{label}: {value}">
<title>{label}: {value}</title>
<clipPath id="r"><rect width="{total}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444c56"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_x}" y="14" textLength="{label_length}">{label}</text><text x="{value_x}" y="14" textLength="{value_length}">{value}</text>
</g></svg>
"##
    )
}

fn escape(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
