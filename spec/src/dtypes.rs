//! Dtypes, their categories and promotion, from `dtypes.yaml`.

use std::collections::BTreeMap;

use array_assay_format::Revision;
use array_assay_interface::DType;

/// A set of dtypes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct DtypeSet(u16);

impl DtypeSet {
    /// Whether the set contains the dtype.
    pub fn contains(self, dtype: DType) -> bool {
        self.0 & 1 << dtype as u16 != 0
    }

    /// The dtypes of the set, in the standard's order.
    pub fn iter(self) -> impl Iterator<Item = DType> {
        DType::ALL.into_iter().filter(move |d| self.contains(*d))
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<DType> for DtypeSet {
    fn from_iter<I: IntoIterator<Item = DType>>(dtypes: I) -> Self {
        DtypeSet(dtypes.into_iter().fold(0, |set, d| set | 1 << d as u16))
    }
}

/// The facts about a dtype argument, which tell its kind.
pub const DTYPE_FACTS: [&str; 5] = ["bool", "integer", "unsigned", "real", "complex"];

/// What the standard says about dtypes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dtypes {
    pub(crate) since: BTreeMap<DType, Revision>,
    pub(crate) categories: BTreeMap<String, DtypeSet>,
    pub(crate) promotion: BTreeMap<(DType, DType), DType>,
}

impl Dtypes {
    /// The first revision that has the dtype.
    pub fn since(&self, dtype: DType) -> Revision {
        self.since.get(&dtype).copied().unwrap_or(Revision::V2021_12)
    }

    /// A category by name, such as `real floating`.
    pub fn category(&self, name: &str) -> Option<DtypeSet> {
        self.categories.get(name).copied()
    }

    /// The dtype to which two arrays promote, if the standard defines one.
    pub fn promote(&self, a: DType, b: DType) -> Option<DType> {
        if a == b { Some(a) } else { self.promotion.get(&(a.min(b), a.max(b))).copied() }
    }
}

#[cfg(test)]
mod tests {
    use crate::Spec;
    use array_assay_interface::DType;
    use quickcheck::quickcheck;

    fn pick(i: u8) -> DType {
        DType::ALL[i as usize % DType::ALL.len()]
    }

    #[test]
    fn kinds_hold_the_dtypes_of_their_categories() {
        let categories = [("bool", "boolean"), ("integral", "integer")];
        let isdtype = Spec::embedded().function("data_type", "isdtype").unwrap();
        let kinds = isdtype.parameters.iter().find_map(|p| if let crate::Domain::Kinds { among } = &p.domain { Some(among) } else { None });
        for kind in kinds.unwrap() {
            let category = categories.iter().find(|(name, _)| name == kind).map_or(kind.as_str(), |(_, category)| category);
            let category = Spec::embedded().dtypes.category(category).unwrap();
            for dtype in DType::ALL {
                assert_eq!(dtype.is_of_kind(kind), Some(category.contains(dtype)), "{dtype} as {kind}");
            }
        }
        assert_eq!(DType::Bool.is_of_kind("boolean"), None);
    }

    quickcheck! {
        fn promotion_commutes(a: u8, b: u8) -> bool {
            let dtypes = &Spec::embedded().dtypes;
            dtypes.promote(pick(a), pick(b)) == dtypes.promote(pick(b), pick(a))
        }

        fn promotion_associates_where_it_is_defined(a: u8, b: u8, c: u8) -> bool {
            let dtypes = &Spec::embedded().dtypes;
            let three = |x, y, z| dtypes.promote(x, y).and_then(|xy| dtypes.promote(xy, z));
            match (three(pick(a), pick(b), pick(c)), three(pick(b), pick(c), pick(a))) {
                (Some(left), Some(right)) => left == right,
                _ => true,
            }
        }

        fn promotion_loses_no_range(a: u8, b: u8) -> bool {
            let (a, b) = (pick(a), pick(b));
            match (a.integer_range(), Spec::embedded().dtypes.promote(a, b).and_then(DType::integer_range)) {
                (Some((low, high)), Some((lowest, highest))) => lowest <= low && high <= highest,
                _ => true,
            }
        }
    }
}
