//! The package's own Python: objects, functions of functions, and functions with parameters that no body has. Their files are copied as they are.

/// Name and text of each file.
pub(super) const FILES: [(&str, &str); 14] = [
    ("_typing.py", include_str!("own/_typing.py")),
    ("_namespace.py", include_str!("own/_namespace.py")),
    ("_shapes.py", include_str!("own/_shapes.py")),
    ("_delegation.py", include_str!("own/_delegation.py")),
    ("_functional.py", include_str!("own/_functional.py")),
    ("_at.py", include_str!("own/_at.py")),
    ("_elements.py", include_str!("own/_elements.py")),
    ("_arrays.py", include_str!("own/_arrays.py")),
    ("_indices.py", include_str!("own/_indices.py")),
    ("_order.py", include_str!("own/_order.py")),
    ("_sets.py", include_str!("own/_sets.py")),
    ("_statistics.py", include_str!("own/_statistics.py")),
    ("_quantiles.py", include_str!("own/_quantiles.py")),
    ("_tracing.py", include_str!("own/_tracing.py")),
];

/// The module of assertions, which is not imported into the package's namespace.
pub(super) const TESTING: &str = include_str!("own/testing.py");

/// The names that a file makes public: its list `__all__`.
pub(super) fn public(text: &str) -> Vec<&str> {
    let list = text.split_once("\n__all__").and_then(|(_, rest)| rest.split_once("= [")?.1.split_once(']'));
    let Some((list, _)) = list else { return Vec::new() };
    list.split(',').map(|name| name.trim().trim_matches('"')).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_names_are_those_of_the_list() {
        assert_eq!(public("\"\"\"Text.\"\"\"\n\n__all__ = [\"at\", \"pad\"]\n"), ["at", "pad"]);
        assert_eq!(public("x = 1\n\n__all__: list[str] = []\n"), Vec::<&str>::new());
        assert!(FILES.iter().any(|(_, text)| public(text).contains(&"apply_where")));
    }
}
