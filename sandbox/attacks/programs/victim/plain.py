from solution import add


def test_small():
    assert add(2, 3) == 5


def test_large():
    result = add(10**6, 1)
    assert result == 1_000_001
