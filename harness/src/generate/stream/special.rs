//! Draws operands for the streams of special cases.

use std::borrow::Cow;

use array_assay_interface::{Array, Element};
use array_assay_spec::{Rule, RuleBody};

use super::{Stream, stacked};
use crate::elements::with_other_nans;
use crate::generate::call::Call;
use crate::generate::case::Operand;
use crate::generate::combination::Combination;
use crate::generate::layout::Layout;
use crate::generate::values::{Random, element};

impl<'a> Stream<'a> {
    /// Operands in which some elements, at least one in each run, fulfil the condition of a special case. Returns them with the target
    /// mask.
    pub(super) fn draw_special(
        &self,
        combination: &Combination,
        witnesses: &[Vec<Element>],
        runs: usize,
        random: &mut Random,
    ) -> (Call<'a>, Vec<bool>) {
        let symmetry = match self.rule() {
            Some(Rule { body: RuleBody::Symmetry(map), .. }) => Some(*map),
            _ => None,
        };
        let mut shape = self.profile.shape(self.profile.max_rank, random);
        let fewest = if symmetry.is_some() { 2 } else { 1 };
        if shape.iter().product::<usize>() < fewest {
            shape = vec![fewest + random.below(20)];
        }
        // If each shape costs a compilation, all special cases share one shape. Only their elements matter.
        if let Some(largest) = self.profile.shapes.iter().max_by_key(|shape| shape.iter().product::<usize>()) {
            shape.clone_from(largest);
        }
        let total: usize = shape.iter().product();
        let mut chosen: Vec<Option<Cow<'_, [Element]>>> = Vec::with_capacity(runs * total);
        for _ in 0..runs {
            let certain = random.below(total);
            let dense = random.below(2) == 0;
            let from = chosen.len();
            chosen
                .extend((0..total).map(|i| {
                    (i == certain || dense && random.below(2) == 0).then(|| Cow::from(&witnesses[random.below(witnesses.len())]))
                }));
            let Some(map) = symmetry else { continue };
            // A symmetry relates two arguments, so the mapped one is put beside each witness.
            let chosen = &mut chosen[from..];
            for i in 0..total - total % 2 {
                let partner: Option<Vec<Element>> = chosen[i].as_ref().map(|tuple| tuple.iter().map(|x| map.argument(*x)).collect());
                if let (Some(partner), true) = (partner, i == certain || i % 2 == 0) {
                    chosen[i ^ 1] = Some(Cow::from(partner));
                }
            }
        }
        let dtype = combination.common;
        let operands = (0..self.function.operands.len())
            .map(|k| {
                let form = self.form(k, random);
                let data = Array::from_elements(
                    dtype,
                    stacked(runs, &shape),
                    chosen.iter().map(|witness| match witness {
                        Some(tuple) => tuple[k],
                        None => element(random, dtype),
                    }),
                );
                let layout = self.layout(&shape, random);
                let plain = layout.repeats() || !self.profile.shapes.is_empty() || self.reads_nan_signs;
                let layout = if plain { Layout::Contiguous } else { layout };
                Operand { layout, form, ..Operand::array(data) }
            })
            .collect::<Vec<_>>();
        (Call::of_operands(self.function, operands), chosen.iter().map(Option::is_some).collect())
    }

    /// Removes elements from the target mask that the special case is no longer about, because they were replaced.
    pub(super) fn keep_targets(&self, drawn: &Call<'_>, replaced: &Call<'_>, targets: &mut [bool]) {
        let Some(rule) = self.rule() else { return };
        let arrays: Vec<(&Array, &Array)> = drawn.arrays().into_iter().zip(replaced.arrays()).collect();
        let Some(dtype) = arrays.first().map(|(_, array)| array.dtype) else { return };
        let speaks = |arguments: &[Element]| rule.claim(self.spec, self.function, dtype, arguments).is_some();
        for (i, target) in targets.iter_mut().enumerate().filter(|(_, target)| **target) {
            let arguments: Vec<Element> = arrays.iter().map(|(_, after)| after.get(i)).collect();
            if arrays.iter().any(|(before, after)| !before.get(i).same_bits(after.get(i))) {
                *target = speaks(&arguments);
            }
            // If one NaN comes back for all, the sign of NaN is unknown. A special case that depends on it is about no NaN.
            let mirrored: Vec<Element> = arguments.iter().map(|x| with_other_nans(*x).unwrap_or(*x)).collect();
            *target &= !self.profile.losses.nans.contains_key(&dtype) || speaks(&mirrored);
        }
    }
}
