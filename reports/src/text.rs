//! Formats text for people: control characters made visible, long lines cut, dtypes in groups, numbers with few digits.

use array_assay_interface::{DType, Kind};

/// The text with escapes in place of control characters (except line ends and tabs), characters that change the order of text or cannot be
/// seen, and characters that XML forbids. So the output of a library cannot control a terminal, reorder a page or hide a part of itself.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\u{0}'..='\u{1f}' | '\u{7f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
            '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2064}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            '\u{fffe}' | '\u{ffff}' => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            _ => out.push(c),
        }
    }
    out
}

/// The text on one line of at most `width` characters, with an ellipsis if it was cut.
pub fn one_line(text: &str, width: usize) -> String {
    let line = visible(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= width {
        return line;
    }
    let cut: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// A whole number with commas between its thousands.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An error in ULP with three significant digits.
pub fn ulp(value: f64) -> String {
    match value {
        v if v.is_nan() => "nan".to_owned(),
        v if v.is_infinite() => "∞".to_owned(),
        0.0 => "0".to_owned(),
        v if v.abs() >= 1e6 || v.abs() < 1e-3 => format!("{v:.2e}"),
        v if v.abs() >= 100.0 => thousands(v.round() as u64),
        v => {
            let digits = if v.abs() >= 10.0 { 1 } else { 2 };
            let text = format!("{v:.digits$}");
            if v.abs() < 0.01 { format!("{v:.4}") } else { text }
        }
    }
}

/// Dtypes in few words, such as `integers, float32`. If there are many pairs of dtypes, only their number and an example.
pub fn dtypes<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let (mut single, mut other, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        match name.parse::<DType>() {
            Ok(dtype) => single.push(dtype),
            Err(_) if name.contains('+') => pairs.push(name),
            Err(_) if name.is_empty() => {}
            Err(_) => other.push(visible(name)),
        }
    }
    let mut parts = grouped(single);
    other.dedup();
    parts.extend(other);
    pairs.sort_unstable();
    pairs.dedup();
    match pairs.as_slice() {
        [] => {}
        few if few.len() <= 2 => parts.extend(few.iter().map(|pair| visible(pair))),
        many => parts.push(format!("{} pairs such as {}", many.len(), visible(many[0]))),
    }
    parts.join(", ")
}

/// The dtypes as groups, the largest group first, then the names of dtypes that are in no group.
fn grouped(mut dtypes: Vec<DType>) -> Vec<String> {
    type Group = (&'static str, fn(DType) -> bool);
    const GROUPS: [Group; 8] = [
        ("all dtypes", |_| true),
        ("all numbers", |d| d != DType::Bool),
        ("all real numbers", |d| d != DType::Bool && !d.is_complex()),
        ("integers", DType::is_integer),
        ("floats", DType::is_floating),
        ("signed integers", |d| d.kind() == Kind::SignedInteger),
        ("unsigned integers", |d| d.kind() == Kind::UnsignedInteger),
        ("complex", DType::is_complex),
    ];
    dtypes.sort_unstable();
    dtypes.dedup();
    let mut parts = Vec::new();
    for (name, holds) in GROUPS {
        if DType::ALL.iter().filter(|d| holds(**d)).all(|d| dtypes.contains(d)) {
            parts.push(name.to_owned());
            dtypes.retain(|d| !holds(*d));
        }
    }
    parts.extend(dtypes.iter().map(|d| d.name().to_owned()));
    parts
}

/// `1 check`, `2 checks`.
pub fn count(n: usize, one: &str) -> String {
    let n_text = thousands(n as u64);
    if n == 1 { format!("{n_text} {one}") } else { format!("{n_text} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(visible("a\x1b[31mred\u{202e}\r\nb\u{9b}"), "a\\x1b[31mred\\u{202e}\nb\\u{9b}");
        assert_eq!(visible("a\rb\0\u{61c}\u{200b}\u{2028}\u{7f}"), "a\\x0db\\x00\\u{61c}\\u{200b}\\u{2028}\\x7f");
        assert_eq!(one_line("  two\n lines, and a long rest", 12), "two lines,…");
    }

    #[test]
    fn dtypes_are_grouped() {
        assert_eq!(dtypes(["float32", "int8"]), "int8, float32");
        assert_eq!(dtypes(DType::ALL.iter().map(|d| d.name())), "all dtypes");
        assert_eq!(dtypes(DType::ALL[1..9].iter().map(|d| d.name()).chain(["float64"])), "integers, float64");
        assert_eq!(dtypes(["int8+uint8", "int8+int16", "int16+uint8"]), "3 pairs such as int16+uint8");
        assert_eq!(dtypes([""]), "");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        let texts: Vec<String> = [0.0, 0.5, 0.5004, 12.34, 1234.5, 4.2e9, 0.0021, f64::INFINITY].iter().map(|v| ulp(*v)).collect();
        assert_eq!(texts, ["0", "0.50", "0.50", "12.3", "1,235", "4.20e9", "0.0021", "∞"]);
    }
}
