//! Classes of values, each with a colour, and the bar that explains them.

use colorous::YELLOW_ORANGE_RED;
use kuva::render::render::TextAnchor;

use crate::marks::{Canvas, TextStyle};
use crate::style::{TEXT, range};
use crate::text::{significant, width};

/// Values in classes with round bounds.
#[derive(Debug)]
pub struct ValueClasses {
    /// The bounds, one more than there are classes.
    pub bounds: Vec<f64>,
}

/// How many classes there are, about.
const WANTED: f64 = 12.0;
/// Values that differ by more have classes of a growing width.
const WIDE: f64 = 30.0;

impl ValueClasses {
    /// Classes that hold all values that are finite; `None` if there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let (low, high) = range(values.iter().copied());
        if low > high {
            return None;
        }
        let positive = values.iter().copied().filter(|x| x.is_finite() && *x > 0.0).fold(f64::INFINITY, f64::min);
        let bounds =
            if low >= 0.0 && high / positive > WIDE { grown(positive.max(high * 1e-4), high) } else { even(low, high) };
        Some(Self { bounds })
    }

    /// The class of a value; values out of all bounds are in the first or the last.
    pub fn find(&self, value: f64) -> usize {
        self.bounds[1..].partition_point(|bound| *bound <= value).min(self.len() - 1)
    }

    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// The colour of a class, light to dark.
    pub fn color(&self, class: usize) -> String {
        let place = if self.len() == 1 { 0.5 } else { class as f64 / (self.len() - 1) as f64 };
        let color = YELLOW_ORANGE_RED.eval_continuous(0.06 + 0.94 * place);
        format!("#{color:x}")
    }

    /// The bounds as text, with as many digits as tell them apart.
    fn labels(&self) -> Vec<String> {
        let with = |digits| self.bounds.iter().map(|bound| significant(*bound, digits)).collect::<Vec<_>>();
        let differ = |labels: &Vec<String>| labels.windows(2).all(|two| two[0] != two[1]);
        (3..9).map(with).find(differ).unwrap_or_else(|| with(9))
    }

    /// The room of the bar beside the plot, px.
    pub fn bar_width(&self, label: &str) -> f64 {
        let labels = self.labels();
        let labels = labels.iter().map(|label| width(label, TEXT));
        18.0 + BAR + 8.0 + labels.fold(0.0, f64::max).max(width(label, TEXT) - BAR) + 12.0
    }

    /// Draws the bar to the right of the plot.
    pub fn draw_bar(&self, canvas: &mut Canvas, label: &str) {
        let [_, top, right, bottom] = canvas.frame();
        let (x, top) = (right + 18.0, top + 22.0);
        let height = (bottom - top).min(28.0 * self.len() as f64) / self.len() as f64;
        canvas.text([x, top - 10.0], label, TextAnchor::Start, TextStyle::default());
        let n = self.len();
        let y = |bound: usize| top + height * (n - bound) as f64;
        for class in 0..n {
            canvas.rect([x, y(class + 1), BAR, height], &self.color(class), None);
        }
        canvas.rect([x, top, BAR, height * n as f64], "none", Some("#666666"));
        let every = (f64::from(TEXT) * 1.2 / height).ceil().max(1.0) as usize;
        for (i, label) in self.labels().into_iter().enumerate().step_by(every) {
            let at = [x + BAR + 6.0, y(i) + f64::from(TEXT) * 0.35];
            canvas.text(at, label, TextAnchor::Start, TextStyle::default());
        }
    }
}

/// The width of the bar, px.
const BAR: f64 = 16.0;

/// Bounds a round number apart.
fn even(low: f64, high: f64) -> Vec<f64> {
    // so small that nothing is between them counts as the same
    let span = if high - low > 1e-30 { high - low } else { low.abs().max(1e-9) * 0.1 };
    let rough = span / WANTED;
    let unit = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|n| n * unit).into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let (first, last) = ((low / step).floor(), (high / step).floor() + 1.0);
    (0..=(last - first) as usize).map(|n| (first + n as f64) * step).collect()
}

/// Bounds of 1, 2 and 5 times powers of ten.
fn grown(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let all: Vec<f64> = (first..=last).flat_map(|e| [1.0, 2.0, 5.0].map(|n| n * 10f64.powi(e))).collect();
    let from = all.iter().rposition(|bound| *bound <= low).unwrap_or(0);
    let to = all.iter().position(|bound| *bound > high).unwrap_or(all.len() - 1).max(from + 1);
    all[from..=to].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_are_round() {
        let bounds = |values: &[f64]| ValueClasses::of(values).unwrap().bounds;
        assert_eq!(bounds(&[0.1, 0.45]).first().map(|b| significant(*b, 3)), Some("0.1".into()));
        assert_eq!(bounds(&[0.001, 0.5]).len(), 10);
        assert!(ValueClasses::of(&[f64::NAN]).is_none());
        let close = ValueClasses::of(&[0.2226, 0.2229]).unwrap().labels();
        assert!(close.windows(2).all(|two| two[0] != two[1]), "{close:?}");
    }

    proptest! {
        #[test]
        fn every_value_is_within_the_bounds_of_its_class(values in prop::collection::vec(prop_oneof![0.0..2.0f64, 1e-9..1e3f64, Just(0.0), Just(5e-324), Just(3e38), -3.0..3.0f64], 1..40)) {
            let classes = ValueClasses::of(&values).unwrap();
            prop_assert!(classes.len() <= 40 && classes.bounds.is_sorted());
            let (low, high) = (classes.bounds[0], classes.bounds[classes.len()]);
            for value in values {
                let class = classes.find(value);
                prop_assert!(value < high || class == classes.len() - 1);
                prop_assert!(value < low || (classes.bounds[class] <= value && value <= classes.bounds[class + 1]), "{value}");
            }
        }
    }
}
