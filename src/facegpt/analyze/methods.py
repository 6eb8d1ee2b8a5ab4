"""The methods of a model that say what is seen: analyze and compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.reconstruct.photo import PhotoModel

if TYPE_CHECKING:
    from facegpt.analyze.compare import Likeness
    from facegpt.analyze.seen import Seen
    from facegpt.face import Face


class SaysWhatIsSeen:
    """What `facegpt.api.FaceGPT` says of photos without making heads to keep."""

    def analyze(self: PhotoModel, image: ImageSource | Photo) -> list[Seen]:
        """Say what is seen on each face of a photo; the largest comes first, [] when there is none.

        Points, pose, expression, gaze, age, parts, hair, what is worn: see `Seen`. What is costly is found when it is
        asked for. It takes the time of `reconstruct` in "fast".

        Args:
            image: as in `reconstruct`.

        Raises:
            ImageError: if the photo cannot be read.
        """
        from facegpt.analyze.photo import analyze_photo

        return analyze_photo(self, photo_of(image))

    def compare(self: PhotoModel, first: ImageSource | Photo | Seen, second: ImageSource | Photo | Seen) -> Likeness:
        """Say how likely two photos show one person, with the doubt.

        Of photos with several faces the largest is taken; for another one give what `analyze` saw of it.

        Args:
            first: a photo as in `reconstruct`, or a face that `analyze` saw.
            second: another one.

        Raises:
            ImageError: if a photo cannot be read. Without a face the result says so in its `reasons`.
        """
        from facegpt.analyze.compare import compare_photos
        from facegpt.analyze.seen import Seen

        a, b = (each.observation if isinstance(each, Seen) else each for each in (first, second))
        return compare_photos(self, a, b)

    def _likeness(self: PhotoModel, first: Face, second: Face) -> Likeness | None:
        """Compare the photos that two heads were found in, for `chat`; None where one comes from no photo."""
        from facegpt.analyze.compare import compare_heads

        return compare_heads(self, first, second)
