"""The HTTP interface of the embedded server: routes, middleware, paging and the description."""
