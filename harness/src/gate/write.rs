//! Writes a baseline as text. Entries take few lines, so that diffs are easy to read.

use array_assay_format::Property;

use super::baseline::{Baseline, Checks, Known, KnownKinds};
use super::found::NO_DTYPE;

/// The greatest length of a line that holds a list.
const WIDTH: usize = 120;

/// The beginnings of the head's lines in files of earlier versions.
const EARLIER_HEAD: [&str; 3] = ["# Known deviations of ", "# and keeps the reasons.", "# reasons, links, the order,"];

impl Baseline {
    /// The text of the baseline file of a backend.
    pub fn to_yaml(&self, backend: &str) -> String {
        let head = [
            format!(
                "# Known deviations of {backend}: check, cause, dtypes and kinds, and the reason. `baseline update` adds and removes lines, and"
            ),
            "# leaves all others as they are.".to_owned(),
        ];
        let written = |line: &&String| !EARLIER_HEAD.iter().any(|begin| line.starts_with(begin)) && !head.contains(line);
        let mut out = head.join("\n") + "\n";
        self.head.iter().filter(written).for_each(|line| out.push_str(&format!("{line}\n")));
        out.push_str(&format!("seed: {}\ncases: {}\n", self.seed, self.cases));
        if self.deviations.is_empty() {
            out.push_str("deviations: []\n");
        } else {
            out.push_str("deviations:\n");
            self.deviations.iter().for_each(|known| known.write(self, &mut out));
        }
        self.tail.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        out
    }
}

impl Known {
    pub(super) fn write(&self, file: &Baseline, out: &mut String) {
        self.comments.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        match &self.check {
            Checks::One(id) => out.push_str(&format!("- check: {id}\n")),
            Checks::Matching(glob) => out.push_str(&format!("- check: {}\n", text(&glob.to_string()))),
        }
        if let Some(cause) = self.cause {
            out.push_str(&format!("  cause: {cause}\n"));
        }
        // A function exists or not, and has a single signature, so no dtype distinguishes deviations of these checks.
        let has_dtypes = self.check.one().is_none_or(|id| !matches!(id.property, Property::Present | Property::Signature));
        let only_without_dtype = self.dtypes == [NO_DTYPE] && !has_dtypes;
        if !self.dtypes.is_empty() && !only_without_dtype {
            list(out, 2, "dtypes", &self.dtypes);
        }
        match &self.kinds {
            KnownKinds::Any => {}
            KnownKinds::Of(kinds) => list(out, 2, "kinds", kinds),
            KnownKinds::By(kinds) => {
                out.push_str("  kinds:\n");
                kinds.iter().for_each(|(kind, dtypes)| list(out, 4, &word(kind), dtypes));
            }
        }
        out.push_str(&format!("  reason: {}\n", text(&self.reason)));
        if self.intermittent {
            out.push_str("  intermittent: true\n");
        }
        if let Some(link) = &self.link {
            out.push_str(&format!("  link: {}\n", word(link)));
        }
        let when: Vec<String> = self.when.parts().map(|(name, glob)| format!("{name}: {}", text(&glob.to_string()))).collect();
        if !when.is_empty() {
            out.push_str(&format!("  when: {{{}}}\n", when.join(", ")));
        }
        if let Some(day) = &self.expires {
            out.push_str(&format!("  expires: {}\n", text(day)));
        }
        if !self.intermittent && (self.seed, self.cases) != (file.seed, file.cases) {
            out.push_str(&format!("  seed: {}\n  cases: {}\n", self.seed, self.cases));
        }
    }
}

/// Writes a list on one line, or on several lines if it is long.
fn list(out: &mut String, indent: usize, key: &str, items: &[String]) {
    let mut line = format!("{:indent$}{key}: [", "");
    for (i, item) in items.iter().enumerate() {
        let last = i + 1 == items.len();
        let item = format!("{}{}", word(item), if last { "]" } else { "," });
        if i > 0 && line.len() + item.len() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = format!("{:1$}", "", indent + 4);
        }
        line.push_str(&item);
        if !last {
            line.push(' ');
        }
    }
    if items.is_empty() {
        line.push(']');
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// A word in a list. It is quoted unless YAML reads the plain word back as the same text.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " +-_./*".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    // A colon within a word is harmless, except in lists.
    let address = text.starts_with("https://") && !text.contains(['#', ' ', ',', '[', ']', '{', '}']);
    let reads_back = || serde_yaml::from_str::<String>(text).is_ok_and(|read| read == text);
    if address || begins && text.chars().all(plain) && !text.ends_with(' ') && reads_back() { text.to_owned() } else { self::text(text) }
}

/// A text in double quotes.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
