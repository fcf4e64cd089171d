//! File names, anchors and links that are safe for any content of a results file.

use std::collections::BTreeSet;

use array_assay_format::CheckId;
use serde::Serialize;

/// A link to a page or a place on it.
#[derive(Clone, Serialize)]
pub struct Link {
    pub name: String,
    pub href: String,
}

/// The names of pages in use, in lower case, because some file systems do not distinguish `T` and `t`.
#[derive(Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// A new path `functions/CATEGORY/NAME.html`. Each part is made safe, and the path is unique.
    pub fn page(&mut self, category: &str, name: &str) -> String {
        self.unique(&format!("functions/{}/{}", part(category), part(name)), &format!("{category}/{name}"))
    }

    /// A new path `consumers/NAME.html` of a workload. Its name has the consumer before a slash.
    pub fn workload(&mut self, name: &str) -> String {
        self.unique(&format!("consumers/{}", part(&name.replace(['/', '(', ')'], "-"))), name)
    }

    /// A new path `libraries/NAME.html`, made safe and unique. It has the version too if another version has that page.
    pub fn library(&mut self, name: &str, version: &str) -> String {
        let plain = format!("libraries/{}", part(&name.replace([':', '='], "-")));
        let versioned = format!("{plain}-{}", part(version));
        let stem = if self.0.contains(&format!("{plain}.html").to_lowercase()) { versioned } else { plain };
        self.unique(&stem, &format!("{name} {version}"))
    }

    /// `STEM.html`, or if that is taken with a digest of `name`, and if that is taken too with a number.
    fn unique(&mut self, stem: &str, name: &str) -> String {
        let plain = std::iter::once(format!("{stem}.html"));
        let digested = (1..).map(|n| match n {
            1 => format!("{stem}-{}.html", digest(name)),
            n => format!("{stem}-{}-{n}.html", digest(name)),
        });
        let free = plain.chain(digested).find(|path| !self.0.contains(&path.to_lowercase()));
        let path = free.expect("the candidates do not end");
        self.0.insert(path.to_lowercase());
        path
    }
}

/// The name in letters, digits, `_`, `.` and `-`, safe as a part of a path. A changed name gets a digest, so that different names stay
/// different.
fn part(name: &str) -> String {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' }).take(80).collect();
    let stem = safe.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device =
        matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
    let hidden = safe.starts_with(['.', '-']) || safe.is_empty() || safe.ends_with('.');
    if safe == name && !device && !hidden { safe } else { format!("x{}-{}", safe.trim_end_matches('.'), digest(name)) }
}

/// The anchor of a check on its function's page: the part of its id after `::`.
pub fn anchor(id: &CheckId) -> String {
    let text = short(id);
    let safe: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || "_./-".contains(c) { c } else { '-' }).collect();
    if safe == text { safe } else { format!("{safe}-{}", digest(&text)) }
}

/// The check's id without its function.
pub fn short(id: &CheckId) -> String {
    match &id.slug {
        Some(slug) => format!("{}/{slug}", id.property),
        None => id.property.to_string(),
    }
}

/// The URL, if it starts with `http:` or `https:`. A results file could hold a `javascript:` URL.
pub fn web(url: &str) -> Option<&str> {
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}

/// 32 bits of FNV-1a in hexadecimal.
fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_and_distinct() {
        let mut names = Names::default();
        assert_eq!(names.page("array", "__add__"), "functions/array/__add__.html");
        assert_eq!(names.page("array", "T"), "functions/array/T.html");
        assert_ne!(names.page("array", "t"), "functions/array/t.html");
        assert_eq!(names.library("compat:numpy", "2.0"), "libraries/compat-numpy.html");
        assert_eq!(names.library("compat:numpy", "2.1"), "libraries/compat-numpy-2.1.html", "another version has a page of its own");
        assert_ne!(names.library("compat:numpy", "2.1"), "libraries/compat-numpy-2.1.html");
        let hostile = ["../../etc/passwd", "..", "", "con", "a b", "a<b", "a/b", ".x", "x."];
        let mut seen = BTreeSet::new();
        for name in hostile {
            let path = names.page("elementwise", name);
            let file = path.strip_prefix("functions/elementwise/").expect(name);
            assert!(!file.contains(['/', '<', ' ', '\\']) && !file.starts_with('.') && !file.starts_with("con."), "{file}");
            assert!(seen.insert(file.to_owned()));
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert_eq!(web("https://data-apis.org/array-api/"), Some("https://data-apis.org/array-api/"));
        assert_eq!(web("javascript:alert(1)"), None);
    }
}
