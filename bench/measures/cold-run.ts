/** The run of very many events that is made by one process and resumed by another one. */
export const coldRunId = 'cold'
