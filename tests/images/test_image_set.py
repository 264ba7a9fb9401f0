"""Sets of images, one by one and joined."""

import numpy as np

from enigma.images.image_set import bundled, joined


def test_joined_sets_keep_every_image_in_order_also_when_one_of_them_is_joined_itself() -> None:
    data = bundled("test")
    parts = [data.take(np.arange(*ends)) for ends in ((0, 3), (3, 5), (5, 9))]
    for whole in (joined(parts), joined([joined(parts[:2]), parts[2]]), joined([parts[0], joined(parts[1:])])):
        assert len(whole) == len(whole.images) == 9
        np.testing.assert_array_equal(whole.images[:], data.images[:9])
        np.testing.assert_array_equal(whole.images[np.array([8, 0, 4])], data.images[[8, 0, 4]])
        np.testing.assert_array_equal(whole.images[4], data.images[4])
        np.testing.assert_array_equal(whole.labels, data.labels[:9])
        np.testing.assert_array_equal(whole.indices, np.arange(9))
