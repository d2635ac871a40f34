"""The filter language of the board, as in `sev:1 status:open,hold due<2h "sync stops" -tag:bug`.

- `parser.parse_query(text)` makes a `query.Query` or raises `QueryProblem`: `start` and `end` are the place of the
  mistake, `str()` is one sentence with the remedy. Blank text gives a query that matches everything (and is false).
- `completion.complete(text, cursor, find_values)` offers names of terms and their values.
- `term_table.QUERY_HELP` explains every term, a line each: what is typed, what it means.
- `parser.typed_value(value)` is a name as it is to be typed behind `requester:`, in quotes where it needs them.
- `matching.matches(query, facts, context)` evaluates a query for one ticket; `store/query_conditions.py` makes SQL.
- `selection.BoardSelection` is all that the board is asked to show: query, sort and group, folded groups.

Nothing is read and the time is not asked: `QueryContext` has it all.
"""
