namespace KubeVirtMonitor;

/// <summary>What kept a cluster from being reached or from answering. One value per cause, stable for scripts.</summary>
public enum KubernetesError
{
    /// <summary>There is no kubeconfig, no current context, and no service account.</summary>
    NoConfiguration,

    /// <summary>A kubeconfig, or a file that it names, is missing, unreadable or too large.</summary>
    FileUnreadable,

    /// <summary>A kubeconfig is no YAML or JSON, or an entry of it is wrong.</summary>
    ConfigurationInvalid,

    /// <summary>A context, cluster or user that was asked for is not in the kubeconfig.</summary>
    EntryNotFound,

    /// <summary>The user entry has no credentials, and nothing is sent anonymously.</summary>
    CredentialMissing,

    /// <summary>A credential cannot be used: wrong base64, a key that does not match, an expired certificate.</summary>
    CredentialInvalid,

    /// <summary>A way to log in that this module does not speak.</summary>
    CredentialUnsupported,

    /// <summary>A credential plugin is missing, failed, hung or answered rubbish.</summary>
    PluginFailed,

    /// <summary>No connection to the server, or to the proxy in front of it.</summary>
    ConnectionFailed,

    /// <summary>The server's certificate was issued by nobody who is trusted.</summary>
    TlsUntrusted,

    /// <summary>The server's certificate carries another name.</summary>
    TlsNameMismatch,

    /// <summary>The server's certificate, or one above it, is out of its time.</summary>
    TlsExpired,

    /// <summary>The TLS handshake failed in another way.</summary>
    TlsHandshake,

    /// <summary>The server did not answer in time.</summary>
    TimedOut,

    /// <summary>401: the server does not know these credentials.</summary>
    Unauthorized,

    /// <summary>403: a permission is missing.</summary>
    Forbidden,

    /// <summary>404: the object, or its kind, does not exist.</summary>
    NotFound,

    /// <summary>409: somebody else changed or made the object.</summary>
    Conflict,

    /// <summary>410: the list or version asked for is gone.</summary>
    Expired,

    /// <summary>400 or 422: the server finds the object or the request wrong.</summary>
    Invalid,

    /// <summary>429: the server asks to be left alone for a while.</summary>
    Throttled,

    /// <summary>5xx: the server failed.</summary>
    ServerError,

    /// <summary>An answer that no API server gives.</summary>
    BadAnswer,

    /// <summary>An exec or port-forward stream broke, or could not be opened.</summary>
    StreamFailed,

    /// <summary>An argument of the request makes no sense, such as a name with a slash.</summary>
    ArgumentInvalid,
}
