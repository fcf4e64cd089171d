//! Check ids, `category/function::property[/slug]`, and globs over them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Property;

/// The id of a check, stable across runs and versions: `category/function::property[/slug]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CheckId {
    /// The category of the standard, such as `elementwise`.
    pub category: String,
    /// The function's name within its category.
    pub function: String,
    /// The property of the function that the check judges.
    pub property: Property,
    /// The clause, if the property has several checks.
    pub slug: Option<String>,
}

/// A text that is not a check id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the check id `{0}`: expected category/function::property[/slug]")]
pub struct InvalidCheckId(pub String);

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}::{}", self.category, self.function, self.property)?;
        match &self.slug {
            Some(slug) => write!(f, "/{slug}"),
            None => Ok(()),
        }
    }
}

impl FromStr for CheckId {
    type Err = InvalidCheckId;

    fn from_str(text: &str) -> Result<Self, InvalidCheckId> {
        let invalid = || InvalidCheckId(text.to_owned());
        let (function, property) = text.split_once("::").ok_or_else(invalid)?;
        let (category, function) = function.split_once('/').ok_or_else(invalid)?;
        let (property, slug) = match property.split_once('/') {
            Some((property, slug)) => (property, Some(slug.to_owned())),
            None => (property, None),
        };
        if category.is_empty() || function.is_empty() || slug.as_deref() == Some("") {
            return Err(invalid());
        }
        let property = property.parse().map_err(|_| invalid())?;
        Ok(CheckId { category: category.to_owned(), function: function.to_owned(), property, slug })
    }
}

impl Serialize for CheckId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CheckId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A glob over check ids: `*` stands for any characters, `?` for one character. `elementwise/*` matches every check of the category. A glob
/// without `::` also matches the part before `::` alone, so `elementwise/add` matches all checks of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    pattern: String,
}

/// A text that is not a glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the glob `{0}`: it is empty or has a blank")]
pub struct InvalidGlob(pub String);

impl FromStr for Glob {
    type Err = InvalidGlob;

    fn from_str(pattern: &str) -> Result<Self, InvalidGlob> {
        if pattern.is_empty() || pattern.contains(char::is_whitespace) {
            return Err(InvalidGlob(pattern.to_owned()));
        }
        Ok(Glob { pattern: pattern.to_owned() })
    }
}

impl Glob {
    /// Whether the glob matches the check.
    pub fn matches(&self, id: &CheckId) -> bool {
        // What stands before the first wildcard rules out most ids before their text is made.
        let literal = self.pattern.bytes().take_while(|byte| !b"*?".contains(byte));
        let start = id.category.bytes().chain([b'/']).chain(id.function.bytes());
        if literal.zip(start).any(|(a, b)| a != b) {
            return false;
        }
        let text = id.to_string();
        self.matches_text(&text)
            || !self.pattern.contains("::") && text.split_once("::").is_some_and(|(function, _)| self.matches_text(function))
    }

    /// Whether the glob may match a check of the function, judged by the part before `::`.
    pub fn matches_function(&self, category: &str, function: &str) -> bool {
        let (pattern, rest) = self.pattern.split_once("::").map_or((self.pattern.as_str(), None), |(p, r)| (p, Some(r)));
        let text = format!("{category}/{function}");
        matches(pattern.as_bytes(), text.as_bytes()) || rest.is_none() && self.matches_text(&text)
    }

    /// Whether the glob matches a whole text.
    pub fn matches_text(&self, text: &str) -> bool {
        matches(self.pattern.as_bytes(), text.as_bytes())
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}

/// Matches a glob without recursion. After a mismatch it goes back to the last `*` only.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    retry = Some((after_star, from + 1));
                    p = after_star;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip() {
        for text in ["linalg/svd::shape", "elementwise/atan2::special/x1-pos-x2-neg-zero", "array/__add__::dtype"] {
            assert_eq!(text.parse::<CheckId>().unwrap().to_string(), text);
        }
        for text in ["svd::shape", "linalg/svd", "linalg/svd::shap", "linalg/svd::special/", "/svd::shape"] {
            assert_eq!(text.parse::<CheckId>(), Err(InvalidCheckId(text.to_owned())));
        }
    }

    #[test]
    fn globs_take_what_a_user_expects() {
        let id = "elementwise/add::special/x1-nan".parse().unwrap();
        for (glob, taken) in [
            ("elementwise/*", true),
            ("elementwise/add", true),
            ("elementwise/add::*", true),
            ("*::special/*", true),
            ("*::value", false),
            ("elementwise/ad?::*", true),
            ("elementwise/a", false),
            ("linalg/*", false),
        ] {
            assert_eq!(glob.parse::<Glob>().unwrap().matches(&id), taken, "{glob}");
        }
        assert!("*::value".parse::<Glob>().unwrap().matches_function("elementwise", "add"));
        assert!("elementwise/*d::v*".parse::<Glob>().unwrap().matches_function("elementwise", "add"));
    }
}
