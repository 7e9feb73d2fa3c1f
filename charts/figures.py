"""The form of figures in charts, which is that of `wording.numbers`: "62 %"."""

import altair as alt

LOCALE = alt.Locale(
    number=alt.NumberLocale(
        decimal=".", thousands=",", grouping=[3], currency=["$", ""], percent=" %"
    )
)
