//! What closes a gate, in the formats that code hosts read: GitLab's code quality report, and SARIF 2.1.0.

use array_assay_format::{BaselineEntry, CheckId, GateReport, Level, Outcome, Results, Standing};
use serde_json::{Value, json};

use crate::text::visible;

/// GitLab's code quality report: a JSON list of findings. A finding stands at the function's category and name, because a library's source
/// is not known, or at the lines of a stale entry of the baseline.
pub fn code_quality(report: &GateReport, results: &Results) -> Value {
    let failed = failures(report).map(|standing| {
        let severity = if level(results, &standing.id) == Level::Must { "critical" } else { "minor" };
        let lines = json!({"begin": 1});
        finding(report, &standing.id.to_string(), &standing.message, severity, &place(&standing.id), lines)
    });
    let stale = report.stale.iter().map(|stale| {
        let (path, lines) = lines(&stale.entry, &stale.check);
        finding(report, &format!("{}::stale", stale.entry.check), &stale.says, "minor", &path, json!({"begin": lines.0, "end": lines.1}))
    });
    failed.chain(stale).collect()
}

fn finding(report: &GateReport, name: &str, description: &str, severity: &str, path: &str, lines: Value) -> Value {
    json!({
        "check_name": name,
        "description": visible(&format!("{}: {name}: {description}", report.backend)),
        "fingerprint": format!("{} {name}", report.backend),
        "severity": severity,
        "location": {"path": path, "lines": lines},
    })
}

/// The gate as a log in SARIF 2.1.0: a rule for each check that fails, and a result for each failure and each stale entry of the baseline.
pub fn sarif(report: &GateReport, results: &Results) -> Value {
    let rule = |standing: &Standing| {
        let clause = results.checks.iter().find(|check| check.id == standing.id).and_then(|check| check.clause.as_ref());
        json!({
            "id": standing.id.to_string(),
            "shortDescription": {"text": clause.map_or_else(|| standing.id.to_string(), |clause| visible(&clause.says))},
            "helpUri": clause.map_or("https://data-apis.org/array-api/", |clause| clause.url.as_str()),
        })
    };
    let failed = failures(report).map(|standing| {
        let level = if level(results, &standing.id) == Level::Must { "error" } else { "warning" };
        let at = json!({"artifactLocation": {"uri": place(&standing.id)}, "region": {"startLine": 1}});
        result(&standing.id.to_string(), level, &format!("{}: {}", report.backend, standing.message), at)
    });
    let stale = report.stale.iter().map(|stale| {
        let (path, (first, last)) = lines(&stale.entry, &stale.check);
        let at = json!({"artifactLocation": {"uri": path}, "region": {"startLine": first, "endLine": last}});
        result("stale-baseline", "warning", &format!("{}: {}", report.backend, stale.says), at)
    });
    let stale_rule = json!({"id": "stale-baseline", "shortDescription": {"text": "an entry of the baseline names what no longer occurs"}});
    let rules = failures(report).map(rule).chain((!report.stale.is_empty()).then_some(stale_rule));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": report.tool.name, "version": report.tool.version, "rules": rules.collect::<Vec<_>>()}},
            "results": failed.chain(stale).collect::<Vec<_>>(),
        }],
    })
}

fn result(rule: &str, level: &str, text: &str, at: Value) -> Value {
    json!({"ruleId": rule, "level": level, "message": {"text": visible(text)}, "locations": [{"physicalLocation": at}]})
}

fn failures(report: &GateReport) -> impl Iterator<Item = &Standing> {
    report.checks.iter().filter(|standing| standing.outcome == Outcome::Failed)
}

fn level(results: &Results, id: &CheckId) -> Level {
    results.checks.iter().find(|check| check.id == *id).map_or(Level::Must, |check| check.level)
}

/// Where a finding on a function stands.
fn place(id: &CheckId) -> String {
    format!("{}/{}", id.category, id.function)
}

/// The file and the lines of an entry of a baseline. Without a file, the function.
fn lines(entry: &BaselineEntry, check: &CheckId) -> (String, (u64, u64)) {
    let first = entry.first_line.unwrap_or(1);
    (entry.file.clone().unwrap_or_else(|| place(check)), (first, entry.last_line.unwrap_or(first)))
}
