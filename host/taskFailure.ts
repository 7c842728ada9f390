/** The texts of a failed activity, in the shape that Azure gives them: `Reason` for people, `Details` a serialised .NET exception. */

interface Failure {
  message: string;
  stack: string;
}

/** Message and stack of whatever an activity threw; what is no Error is told by its text or JSON, as the Node worker does it. */
function describeThrown(thrown: unknown): Failure {
  if (thrown instanceof Error || isErrorLike(thrown)) return { message: thrown.message, stack: thrown.stack ?? thrown.message };
  const message = typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? String(thrown));
  return { message, stack: `Error: ${message}` };
}

/** Errors of another realm (a vm context) are not instances of this realm's Error. */
function isErrorLike(thrown: unknown): thrown is Error {
  return Object.prototype.toString.call(thrown) === '[object Error]';
}

export function taskFailure(functionName: string, thrown: unknown): { Reason: string; Details: string } {
  const { message, stack } = describeThrown(thrown);
  const details = {
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: message,
    Data: null,
    InnerException: {
      $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
      IsUserException: false,
      RemoteStackTrace: stack,
      RemoteMessage: message,
      RemoteTypeName: null,
      Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
      Data: { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' },
      InnerException: null,
      HelpLink: null,
      Source: 'System.Private.CoreLib',
      HResult: -2146233088,
      StackTrace: '',
    },
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  };
  return { Reason: `Activity function '${functionName}' failed: ${message}`, Details: JSON.stringify(details) };
}
