from wording import glossary


def test_a_help_text_is_a_paragraph_a_term() -> None:
    words = glossary.meaning("tsne", "length").split("\n\n")
    assert [each.split("**")[1] for each in words] == ["t-SNE", "Domain size L"]


def test_every_term_is_explained_in_one_or_a_few_sentences() -> None:
    for term in glossary.TERMS.values():
        assert term.meaning.endswith(".")
        assert 20 < len(term.meaning) < 400
