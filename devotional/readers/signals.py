"""What readers tell the slices above them, which know rows that readers don't.

`sender` is always Reader. A receiver that raises stops what is going on, and the transaction with
it: rows are moved or erased all or none.
"""

from django.dispatch import Signal

# guest: Reader, reader: Reader. Move every row of `guest` to `reader`, within the transaction that
# is open; answer with a dict of counts by kind.
merging = Signal()

# old: Reader, new: Reader. The words of `old` are erased and the same person goes on as `new`: move
# what is not words, within the transaction that is open. What stays with `old` goes with it.
beginning_anew = Signal()

# reader: Reader. How many reflections `reader` wrote, as an int.
tallying = Signal()

# reader: Reader. How many bytes of theirs lie encrypted, as an int.
weighing = Signal()

# Whose words are kept: a queryset of the ids of readers who would lose something with their row.
holding = Signal()

# ids: list[UUID], for_good: bool. Erase again the rows of these ids, wherever a restored database
# brought them back; without `for_good` only reflections, whose readers may undo it. Answer with a
# count.
erasing_again = Signal()

# now: datetime, dry_run: bool. Erase what was kept for a while and is past its time; answer with a
# dict of counts by kind.
tidying = Signal()
